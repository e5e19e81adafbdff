// One whole export with Node's fetch: log in, create, wait, download every result file.
// Hosts are written out, as in a program for production. Against the emulator:
//   pardot-mock exec --clock 60 -- node examples/export_node.mjs out/
// What it does right is judged by
//   pardot-contracts --driver command:"node examples/export_node.mjs"
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

const LOGIN = "https://pi.pardot.com/api/login/version/4";
const EXPORT = "https://pi.pardot.com/api/export/version/4/do";
const ATTEMPTS = 4;
const STALE_KEY = 1;
const CROWDED = 66;
const { PARDOT_EMAIL, PARDOT_PASSWORD, PARDOT_USER_KEY, PARDOT_OUT } = process.env;
const out = process.argv[2] ?? PARDOT_OUT ?? ".";
const unit = Number(process.env.POLL_SECONDS ?? 60) * 1000;
let Authorization = "";

// One call: its JSON, or a file at `path`. A body that ends too early is an error of fetch.
const send = async (url, options, path) => {
  const headers = { ...options.headers, ...(Authorization && { Authorization }) };
  const signal = AbortSignal.timeout(path ? 600_000 : 30_000);
  const answer = await fetch(`${url}?format=json`, { ...options, headers, signal });
  if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  if (!path || isJson) return answer.json();
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path));
  return {};
};

// Logs in when the key has ended, and repeats what may be repeated, after a pause.
const call = async (url, options = {}, path = undefined) => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep((attempt * unit) / 2);
    let facts;
    try {
      facts = await send(url, options, path);
    } catch (error) {
      // An export whose answer was lost may exist: asking again could make a second one.
      if (url.endsWith("/create")) throw error;
      console.error(`trying again: ${error.message}`);
      continue;
    }
    const code = facts["@attributes"]?.err_code;
    if (code === STALE_KEY && attempt === 0) await login();
    else if (facts.err && code !== CROWDED) throw new Error(`the service answered: ${facts.err}`);
    else if (!facts.err) return facts;
  }
  throw new Error(`gave up: ${url}`);
};

const login = async () => {
  Authorization = "";
  const body = new URLSearchParams({
    email: PARDOT_EMAIL,
    password: PARDOT_PASSWORD,
    user_key: PARDOT_USER_KEY,
  });
  const { api_key: key } = await call(LOGIN, { method: "POST", body });
  Authorization = `Pardot api_key=${key}, user_key=${PARDOT_USER_KEY}`;
};

await login();
let { export: job } = await call(`${EXPORT}/create`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    object: "visitorActivity",
    fields: ["id", "prospect_id", "type_name", "created_at"],
    procedure: {
      name: "filter_by_created_at",
      arguments: { created_after: "-3 months", created_before: "now" },
    },
  }),
});

for (let look = 1; job.state === "Waiting" || job.state === "Processing"; look++) {
  console.log(`export ${job.id} is ${job.state}`);
  await sleep(Math.ceil((look * look) / 5 + 1) * unit);
  ({ export: job } = await call(`${EXPORT}/read/id/${job.id}`));
}
console.log(`export ${job.id} is ${job.state}`);
if (job.state !== "Complete") process.exit(1);

await mkdir(out, { recursive: true });
// No file is nothing, one is a string, more are a list.
for (const url of [job.resultRefs ?? []].flat()) {
  const path = join(out, `${url.split("/").pop()}.csv`);
  await call(url, {}, path);
  console.log(`wrote ${path}`);
}
