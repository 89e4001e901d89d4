/** Requests over Unix sockets, and over whatever is put behind one. */
import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { relay } from "../../../core/http/relay.ts";
import type { HttpRequestOptions } from "../../../core/http/request-options.ts";
import { httpRequest } from "../../../core/http/request.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("http/socket");

const { signal } = new AbortController();
const limits = { signal, maxBytes: 1 << 20, silence: 5000 };

async function listening(handle: RequestListener): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(tmp(), "s.sock");
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Tells what it was asked, and how much came. */
const echo: RequestListener = (request, response) => {
  let size = 0;
  request.on("data", (piece: Buffer) => (size += piece.length));
  request.on("end", () => response.end(`${request.method} ${request.url} ${request.headers.host} ${size}`));
};

async function ask(
  socketPath: string,
  method: "GET" | "POST",
  body?: () => AsyncIterable<Uint8Array>,
): Promise<string> {
  const given = body === undefined ? {} : { body: { open: body } };
  const { body: answer } = await httpRequest("http://docker/x?y=1", { ...limits, socketPath, method, ...given });
  const pieces: Uint8Array[] = [];
  for await (const piece of answer) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let each = 0; each < count; each++) yield Buffer.alloc(1 << 20);
}

test("requests and streamed bodies go over a socket, one after the other", async () => {
  await using server = await listening(echo);
  assert.is(await ask(server.path, "GET"), "GET /x?y=1 docker 0");
  assert.is(await ask(server.path, "POST", () => megabytes(5)), `POST /x?y=1 docker ${5 << 20}`);
  assert.is(await ask(server.path, "GET"), "GET /x?y=1 docker 0");
});

test("a large body may take longer than the silence that is allowed, as long as some of it is taken", async () => {
  await using server = await listening((request, response) => {
    let size = 0;
    request.on("data", (piece: Buffer) => {
      size += piece.length;
      request.pause();
      setTimeout(() => request.resume(), 15);
    });
    request.on("end", () => response.end(String(size)));
  });
  const body = Buffer.alloc(8 << 20);
  const options = {
    ...limits,
    socketPath: server.path,
    method: "PUT",
    body,
    silence: 600,
    retry: { attempts: 1, delay: 0 },
  };
  const answer = await httpRequest("http://docker/", options as HttpRequestOptions);
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  assert.is(Buffer.concat(pieces).toString(), String(body.length));
});

test("no proxy is asked for a socket, and a redirect is an answer", async () => {
  await using server = await listening((_, response) => {
    response.writeHead(302, { location: "http://127.0.0.1:1/" });
    response.end();
  });
  process.env["http_proxy"] = "http://127.0.0.1:1";
  try {
    const answer = await httpRequest("http://docker/", { ...limits, socketPath: server.path });
    answer.discard();
    assert.is(answer.status, 302);
  } finally {
    delete process.env["http_proxy"];
  }
});

test("a socket that is not there is an error at once where no further try is wanted", async () => {
  const socketPath = join(tmp(), "none.sock");
  const failed = httpRequest("http://docker/", { ...limits, socketPath, retry: { attempts: 1, delay: 0 } });
  await failed.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /ENOENT|No such file|Failed to connect|not exist/i),
  );
});

test("a relay leads each connection where it is told, and ends it with the other side", async () => {
  await using server = await listening(echo);
  const path = join(tmp(), "relay.sock");
  let count = 0;
  const through = await relay(path, () => {
    count++;
    const far = connect(server.path);
    return { input: far, output: far, stop: () => far.destroy() };
  });
  assert.is(await ask(path, "GET"), "GET /x?y=1 docker 0");
  assert.is(await ask(path, "POST", () => megabytes(3)), `POST /x?y=1 docker ${3 << 20}`);
  assert.ok(count >= 1);
  through.close();
});

test("a far end that is gone ends the connection", async () => {
  const path = join(tmp(), "relay.sock");
  await using server = await listening((request) => request.socket.destroy());
  const through = await relay(path, () => {
    const far = connect(server.path);
    return { input: far, output: far, stop: () => far.destroy() };
  });
  const failed = httpRequest("http://docker/", { ...limits, socketPath: path, retry: { attempts: 1, delay: 0 } });
  await failed.then(
    () => assert.unreachable(),
    (error: { code: string }) => assert.is(error.code, "E_NETWORK"),
  );
  through.close();
});

test.run();
