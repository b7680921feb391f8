// Calls every step of a plan with the vendor's Node SDK: its clients, and for actions that it does not have its
// CommonClient. The SDK takes the service that it signs for from the endpoint's name, so that the names stay those of the
// cloud and every connection is led to the simulator. Answers are plain objects: the SDK has no classes for them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import http from "node:http";
import net from "node:net";

const require = createRequire(`${process.env.NODE_SDK}/`);
const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const simulator = new URL(plan.endpoint);

class ToSimulator extends http.Agent {
  createConnection() {
    return net.connect(Number(simulator.port), simulator.hostname);
  }
}

const agent = new ToSimulator();
const known = { ...plan.known };

function filled(value) {
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member)]));
  }
  if (typeof value !== "string") return value;
  const whole = /^\{(\w+)\}$/.exec(value);
  return whole ? known[whole[1]] : value.replace(/\{(\w+)\}/g, (_, name) => known[name]);
}

const at = (value, path) => path.split(".").reduce((inner, part) => inner?.[part], value);

function clientOf(step, key) {
  const [service] = step.call.split(":");
  const version = `v${step.version.replaceAll("-", "")}`;
  const credential = { secretId: key?.[0], secretKey: key?.[1], token: key?.[2] };
  const profile = { language: "en-US", httpProfile: { protocol: "http://", agent } };
  const config = { credential, region: plan.region, profile };
  if (!step.documented) {
    const { CommonClient } = require("tencentcloud-sdk-nodejs/tencentcloud/common/common_client.js");
    return new CommonClient(`${service}.tencentcloudapi.com`, step.version, config);
  }
  const { Client } = require(`tencentcloud-sdk-nodejs/tencentcloud/services/${service}`)[service][version];
  return new Client(config);
}

function call(step) {
  const key = Array.isArray(step.as) ? filled(step.as) : plan.keys[step.as];
  const [, action] = step.call.split(":");
  const client = clientOf(step, key);
  if (step.as === null) return client.request(action, filled(step.with), { skipSign: true });
  return step.documented ? client[action](filled(step.with)) : client.request(action, filled(step.with));
}

async function take(step) {
  if (step.control) {
    await fetch(`${plan.endpoint}/_sim/${step.control}`, { method: "POST", body: JSON.stringify(step.body) });
    return {};
  }
  try {
    const answer = await call(step);
    for (const [name, path] of Object.entries(step.keep ?? {})) known[name] = at(answer, path);
    return { answer, expected: filled(step.expect ?? {}) };
  } catch (error) {
    return { code: error.code ?? "client", message: String(error.message) };
  }
}

for (const step of plan.steps) console.log(JSON.stringify(await take(step)));
