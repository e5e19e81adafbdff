// One whole export with Node's fetch: log in, create, poll, download every result file.
// Hosts are written out, as in a program for production. Against the emulator:
//   pardot-mock exec --clock 60 -- node examples/export_node.mjs out/
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const EXPORT = "https://pi.pardot.com/api/export/version/4/do";
const { PARDOT_EMAIL, PARDOT_PASSWORD, PARDOT_USER_KEY } = process.env;
const out = process.argv[2] ?? ".";
const poll = Number(process.env.POLL_SECONDS ?? 60) * 1000;

const call = async (url, options) => {
  const facts = await (await fetch(`${url}?format=json`, options)).json();
  if (facts.err) throw new Error(`the service answered: ${facts.err}`);
  return facts;
};

const login = await call("https://pi.pardot.com/api/login/version/4", {
  method: "POST",
  body: new URLSearchParams({
    email: PARDOT_EMAIL,
    password: PARDOT_PASSWORD,
    user_key: PARDOT_USER_KEY,
  }),
});
const Authorization = `Pardot api_key=${login.api_key}, user_key=${PARDOT_USER_KEY}`;

let { export: job } = await call(`${EXPORT}/create`, {
  method: "POST",
  headers: { Authorization, "Content-Type": "application/json" },
  body: JSON.stringify({
    object: "visitorActivity",
    fields: ["id", "prospect_id", "type_name", "created_at"],
    procedure: {
      name: "filter_by_created_at",
      arguments: { created_after: "-3 months", created_before: "now" },
    },
  }),
});

while (job.state === "Waiting" || job.state === "Processing") {
  ({ export: job } = await call(`${EXPORT}/read/id/${job.id}`, { headers: { Authorization } }));
  console.log(`export ${job.id} is ${job.state}`);
  if (job.state !== "Complete") await sleep(poll);
}
if (job.state !== "Complete") process.exit(1);

await mkdir(out, { recursive: true });
// No file is nothing, one is a string, more are a list.
for (const url of [job.resultRefs ?? []].flat()) {
  const answer = await fetch(url, { headers: { Authorization } });
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  const path = join(out, `${url.split("/").pop()}.csv`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path));
  console.log(`wrote ${path}`);
}
