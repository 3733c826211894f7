// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Function Compute's own SDK, unmodified, against a running daemon. Environment: HANSHU_ENDPOINT (host:port),
// HANSHU_ACCESS_KEY_ID, HANSHU_ACCESS_KEY_SECRET. Prints one line a check, and "N passed, M failed" at the end; exits
// with 1 when M is not 0.
import fcModule from '@alicloud/fc20230330';
import coreModule from '@alicloud/openapi-core';
import daraModule from '@darabonba/typescript';
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

const fc = fcModule;
const Client = fcModule.default;

function required(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
}

const client = new Client(
  new coreModule.$OpenApiUtil.Config({
    endpoint: required('HANSHU_ENDPOINT'),
    protocol: 'HTTP',
    regionId: process.env.HANSHU_REGION ?? 'local',
    accessKeyId: required('HANSHU_ACCESS_KEY_ID'),
    accessKeySecret: required('HANSHU_ACCESS_KEY_SECRET'),
  }),
);
const runtime = new daraModule.RuntimeOptions({ autoretry: false, readTimeout: 60_000, connectTimeout: 10_000 });

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}

// A zip of one stored file (APPNOTE 4.3), as Base64.
function zip(name, text) {
  const data = Buffer.from(text);
  const path = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x21, 8); // 1 January 1980
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, data]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const central = Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 3]), common, attributes, path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]).toString('base64');
}

const source = (greeting) => `
import json

def handler(event, context):
    print("log line of", context.request_id)
    if event == b"fail":
        raise ValueError("on purpose")
    return json.dumps({"greeting": "${greeting}", "event": event.decode()})
`;

const name = `sdk-${process.pid}-${Date.now()}`;
const checks = [];
const check = (title, run) => checks.push([title, run]);

async function invoke(body, headers = {}) {
  const request = new fc.InvokeFunctionRequest({ body: Readable.from([Buffer.from(body)]) });
  const reply = await client.invokeFunctionWithOptions(name, request, new fc.InvokeFunctionHeaders(headers), runtime);
  const pieces = [];
  for await (const piece of reply.body) {
    pieces.push(Buffer.from(piece));
  }
  return { status: reply.statusCode, headers: reply.headers, text: Buffer.concat(pieces).toString() };
}

async function fails(promise, code, status) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    assert.equal(error.statusCode ?? error.data?.statusCode, status);
    return true;
  });
}

check('creates a function', async () => {
  const input = new fc.CreateFunctionInput({
    functionName: name,
    runtime: 'python3.11',
    handler: 'index.handler',
    memorySize: 256,
    timeout: 10,
    environmentVariables: { A: '1' },
    code: new fc.InputCodeLocation({ zipFile: zip('index.py', source('hello')) }),
  });
  const { statusCode, body } = await client.createFunctionWithOptions(
    new fc.CreateFunctionRequest({ body: input }), {}, runtime);
  assert.equal(statusCode, 200);
  assert.equal(body.functionName, name);
  assert.equal(body.memorySize, 256);
  assert.match(body.codeChecksum, /^\d+$/);
});
check('refuses to create it twice', () => fails(
  client.createFunctionWithOptions(new fc.CreateFunctionRequest({ body: new fc.CreateFunctionInput({
    functionName: name, runtime: 'python3.11', handler: 'index.handler',
    code: new fc.InputCodeLocation({ zipFile: zip('index.py', source('hello')) }),
  }) }), {}, runtime), 'FunctionAlreadyExists', 409));
check('tells what is wrong with an input', () => fails(
  client.createFunctionWithOptions(new fc.CreateFunctionRequest({ body: new fc.CreateFunctionInput({
    functionName: '1-bad', runtime: 'python3.11', handler: 'index.handler', memorySize: 1,
  }) }), {}, runtime), 'InvalidArgument', 400));
check('gets it', async () => {
  const { body } = await client.getFunctionWithOptions(name, new fc.GetFunctionRequest({}), {}, runtime);
  assert.equal(body.functionName, name);
  assert.deepEqual(body.environmentVariables, { A: '1' });
});
check('lists it', async () => {
  const { body } = await client.listFunctionsWithOptions(
    new fc.ListFunctionsRequest({ prefix: name, limit: 5 }), {}, runtime);
  assert.deepEqual(body.functions.map((one) => one.functionName), [name]);
});
check('finds where its code can be fetched', async () => {
  const { body } = await client.getFunctionCodeWithOptions(name, new fc.GetFunctionCodeRequest({}), {}, runtime);
  const fetched = await fetch(body.url);
  assert.equal(fetched.status, 200);
  assert.equal(Buffer.from(await fetched.arrayBuffer()).toString('base64'), zip('index.py', source('hello')));
});
check('invokes it', async () => {
  const got = await invoke('event ü');
  assert.equal(got.status, 200);
  assert.deepEqual(JSON.parse(got.text), { greeting: 'hello', event: 'event ü' });
  assert.ok(got.headers['x-fc-request-id']);
  assert.equal(got.headers['x-fc-error-type'], undefined);
});
check('invokes it with the tail of its log', async () => {
  const got = await invoke('x', { xFcLogType: 'Tail' });
  const tail = Buffer.from(got.headers['x-fc-log-result'], 'base64').toString();
  assert.ok(tail.includes(`log line of ${got.headers['x-fc-request-id']}`), tail);
  assert.ok(tail.includes(`FC Invoke Start RequestId: ${got.headers['x-fc-request-id']}`), tail);
});
check('sees the error of a function', async () => {
  const got = await invoke('fail');
  assert.equal(got.status, 200);
  assert.equal(got.headers['x-fc-error-type'], 'UnhandledInvocationError');
  assert.equal(JSON.parse(got.text).errorMessage, 'on purpose');
});
check('invokes it asynchronously', async () => {
  const got = await invoke('later', { xFcInvocationType: 'Async', xFcAsyncTaskId: 'task-1' });
  assert.equal(got.status, 202);
  assert.equal(got.text, '');
  let task;
  for (const until = Date.now() + 30_000; Date.now() < until; await pause(50)) {
    task = (await client.getAsyncTaskWithOptions(name, 'task-1', new fc.GetAsyncTaskRequest({}), {}, runtime)).body;
    if (task.status === 'Succeeded') {
      break;
    }
  }
  assert.equal(task.status, 'Succeeded');
  const { body } = await client.listAsyncTasksWithOptions(name, new fc.ListAsyncTasksRequest({}), {}, runtime);
  assert.deepEqual(body.tasks.map((one) => one.taskId), ['task-1']);
});
check('updates its code and settings', async () => {
  const input = new fc.UpdateFunctionInput({
    timeout: 20,
    environmentVariables: {},
    code: new fc.InputCodeLocation({ zipFile: zip('index.py', source('changed')) }),
  });
  const { body } = await client.updateFunctionWithOptions(name, new fc.UpdateFunctionRequest({ body: input }), {}, runtime);
  assert.equal(body.timeout, 20);
  assert.equal(body.memorySize, 256);
  assert.equal(JSON.parse((await invoke('x')).text).greeting, 'changed');
});
check('reserves and frees concurrency', async () => {
  const { body } = await client.putConcurrencyConfigWithOptions(name, new fc.PutConcurrencyConfigRequest({
    body: new fc.PutConcurrencyInput({ reservedConcurrency: 3 }),
  }), {}, runtime);
  assert.equal(body.reservedConcurrency, 3);
  assert.equal((await client.getConcurrencyConfigWithOptions(name, {}, runtime)).body.reservedConcurrency, 3);
  assert.equal((await client.deleteConcurrencyConfigWithOptions(name, {}, runtime)).statusCode, 204);
});
check('manages a trigger', async () => {
  const { body } = await client.createTriggerWithOptions(name, new fc.CreateTriggerRequest({
    body: new fc.CreateTriggerInput({
      triggerName: 'web', triggerType: 'http',
      triggerConfig: JSON.stringify({ authType: 'anonymous', methods: ['POST'] }),
    }),
  }), {}, runtime);
  const answered = await fetch(body.httpTrigger.urlInternet, { method: 'POST', body: 'by http' });
  assert.equal(answered.status, 200);
  assert.equal(JSON.parse((await answered.json()).event).body, 'by http');
  assert.equal((await client.listTriggersWithOptions(name, new fc.ListTriggersRequest({}), {}, runtime)).body.triggers.length, 1);
  await fails(client.deleteFunctionWithOptions(name, {}, runtime), 'FunctionNotEmpty', 409);
  assert.equal((await client.deleteTriggerWithOptions(name, 'web', {}, runtime)).statusCode, 204);
});
check('switches it off and on', async () => {
  const request = new fc.DisableFunctionInvocationRequest({ reason: 'maintenance', abortOngoingRequest: true });
  const off = await client.disableFunctionInvocationWithOptions(name, request, {}, runtime);
  assert.equal(off.body.success, true);
  const { body } = await client.getFunctionWithOptions(name, new fc.GetFunctionRequest({}), {}, runtime);
  assert.equal(body.invocationRestriction.disable, true);
  assert.equal(body.invocationRestriction.reason, 'maintenance');
  await fails(invoke('x'), 'FunctionDisabled', 403);
  const on = await client.enableFunctionInvocationWithOptions(name, {}, runtime);
  assert.equal(on.body.success, true);
  assert.equal((await invoke('x')).status, 200);
});
check('ends a run that goes on', async () => {
  const slow = `${name}-slow`;
  await client.createFunctionWithOptions(new fc.CreateFunctionRequest({ body: new fc.CreateFunctionInput({
    functionName: slow, runtime: 'python3.11', handler: 'index.handler', timeout: 60,
    code: new fc.InputCodeLocation({
      zipFile: zip('index.py', 'import time\ndef handler(event, context):\n    time.sleep(50)\n'),
    }),
  }) }), {}, runtime);
  const begun = Date.now();
  let ended = false;
  const run = client.invokeFunctionWithOptions(
    slow, new fc.InvokeFunctionRequest({ body: Readable.from([]) }), new fc.InvokeFunctionHeaders({}), runtime,
  ).finally(() => { ended = true; });
  await pause(200);
  // Until it ends: what is asked for before the instance is there ends nothing.
  while (!ended && Date.now() - begun < 30_000) {
    await client.disableFunctionInvocationWithOptions(
      slow, new fc.DisableFunctionInvocationRequest({ abortOngoingRequest: true }), {}, runtime);
    await pause(100);
  }
  const reply = await run;
  assert.equal(reply.headers['x-fc-error-type'], 'UnhandledInvocationError');
  await client.deleteFunctionWithOptions(slow, {}, runtime);
});
check('lists by tag and runtime', async () => {
  const list = async (filter) => (await client.listFunctionsWithOptions(
    new fc.ListFunctionsRequest({ prefix: name, ...filter }), {}, runtime)).body.functions.length;
  assert.equal(await list({ runtime: 'python3.11' }), 1);
  assert.equal(await list({ runtime: 'custom' }), 0);
  assert.equal(await list({ tags: [new fc.Tag({ key: 'team', value: 'x' })] }), 0);
});
check('deletes it', async () => {
  assert.equal((await client.deleteFunctionWithOptions(name, {}, runtime)).statusCode, 204);
  await fails(client.getFunctionWithOptions(name, new fc.GetFunctionRequest({}), {}, runtime), 'FunctionNotFound', 404);
});

let passed = 0;
for (const [title, run] of checks) {
  try {
    await run();
    ++passed;
    console.log(`ok      ${title}`);
  } catch (error) {
    console.log(`FAILED  ${title}: ${error.stack ?? error}`);
  }
}
console.log(`${passed} passed, ${checks.length - passed} failed`);
process.exit(passed === checks.length ? 0 : 1);
