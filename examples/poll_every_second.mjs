// How not to wait for an export: this program looks every second.
//   pardot-contracts --driver command:"node examples/poll_every_second.mjs"
// says which rule that breaks and which line to change. Its good twin is export_node.mjs.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const API = "https://pi.pardot.com/api";
const { PARDOT_EMAIL, PARDOT_PASSWORD, PARDOT_USER_KEY, PARDOT_OUT } = process.env;
const out = PARDOT_OUT ?? ".";
const headers = { "Content-Type": "application/json" };

const call = async (path, options = {}) => {
  const answer = await (await fetch(`${API}/${path}?format=json`, options)).json();
  if (answer.err) throw new Error(answer.err);
  return answer;
};

const body = new URLSearchParams({
  email: PARDOT_EMAIL,
  password: PARDOT_PASSWORD,
  user_key: PARDOT_USER_KEY,
});
const { api_key: key } = await call("login/version/4", { method: "POST", body });
headers.Authorization = `Pardot api_key=${key}, user_key=${PARDOT_USER_KEY}`;

let { export: job } = await call("export/version/4/do/create", {
  method: "POST",
  headers,
  body: JSON.stringify({
    object: "visitorActivity",
    fields: ["id", "prospect_id", "type_name", "created_at"],
    procedure: { name: "filter_by_created_at", arguments: { created_after: "-3 months" } },
  }),
});
while (job.state !== "Complete") {
  await sleep(1000);
  ({ export: job } = await call(`export/version/4/do/read/id/${job.id}`, { headers }));
  if (job.state === "Failed") throw new Error("the export has failed");
}

await mkdir(out, { recursive: true });
for (const url of [job.resultRefs ?? []].flat()) {
  const answer = await fetch(url, { headers });
  await writeFile(join(out, `${url.split("/").pop()}.csv`), await answer.text());
}
