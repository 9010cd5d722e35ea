// A host in small: what an IDE does with the server, through the official TypeScript SDK.
//
//   node client.mjs TOOLS SDK ERA http URL
//   node client.mjs TOOLS SDK ERA stdio COMMAND ARGS...
//
// TOOLS is the folder that holds node_modules. SDK is 1 (@modelcontextprotocol/sdk, which most hosts
// have today) or 2 (@modelcontextprotocol/client); ERA is legacy or a dated revision. Each step prints a
// line of JSON; before and after the cancelled call it waits for a line on stdin.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const [tools, sdk, era, transport, ...target] = process.argv.slice(2);
const require = createRequire(join(tools, "package.json"));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (step, seen) => console.log(JSON.stringify({ step, ...seen }));

const { client, link, call } = sdk === "1" ? first() : second();

function first() {
  const root = "@modelcontextprotocol/sdk/client";
  const { Client } = require(`${root}/index.js`);
  const { StdioClientTransport } = require(`${root}/stdio.js`);
  const { StreamableHTTPClientTransport } = require(`${root}/streamableHttp.js`);
  const client = new Client({ name: "peer", version: "1" });
  return {
    client,
    link: () => open(StdioClientTransport, StreamableHTTPClientTransport),
    call: (params, settings) => client.callTool(params, undefined, settings),
  };
}

function second() {
  const { Client, StreamableHTTPClientTransport } = require("@modelcontextprotocol/client");
  const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");
  const mode = era === "legacy" ? "legacy" : { pin: era };
  const client = new Client({ name: "peer", version: "1" }, { versionNegotiation: { mode } });
  return {
    client,
    link: () => open(StdioClientTransport, StreamableHTTPClientTransport),
    call: (params, settings) => client.callTool(params, settings),
  };
}

function open(Stdio, Http) {
  if (transport === "http") return new Http(new URL(target[0]));
  return new Stdio({ command: target[0], args: target.slice(1), env: process.env, stderr: "ignore" });
}

async function main() {
  await client.connect(link());
  const protocol = sdk === "1" ? null : client.getNegotiatedProtocolVersion();
  tell("connected", { server: client.getServerVersion(), protocol });

  const listed = await client.listTools();
  tell("listed", { tools: listed.tools.map((tool) => tool.name) });

  const unit = await client.readResource({ uri: "unit://perceptron" });
  tell("read", { text: unit.contents[0].text, mime: unit.contents[0].mimeType });

  const ref = { type: "ref/resource", uri: "unit://{id}" };
  const found = await client.complete({ ref, argument: { name: "id", value: "perc" } });
  tell("completed", { values: found.completion.values });

  const progress = [];
  const code = "for step in range(3):\n    print('step', step, flush=True)\nprint(6 * 7)";
  const onprogress = (told) => progress.push(told.message ?? "");
  const ran = await call({ name: "run_code", arguments: { code } }, { onprogress });
  tell("ran", { progress, run: ran.structuredContent, text: ran.content[0].text });

  await cancel((await lines.next()).value);
  await lines.next();
  await client.close();
}

async function cancel(code) {
  const stop = new AbortController();
  const began = new Promise((resolve) => {
    const settings = { signal: stop.signal, onprogress: resolve, timeout: 60_000 };
    call({ name: "run_code", arguments: { code, seconds: 60 } }, settings).then(
      (done) => tell("cancelled", { error: null, run: done.structuredContent }),
      (error) => tell("cancelled", { error: String(error) }),
    );
  });
  await began;
  tell("training", {});
  await lines.next();
  stop.abort("the learner pressed Escape");
}

await main();
process.exit(0);
