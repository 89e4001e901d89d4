import type { IncomingMessage } from "node:http";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { runtime } from "../../../core/host.ts";
import type { HttpRequestOptions, HttpResponse } from "../../../core/http/request-options.ts";
import { httpRequest } from "../../../core/http/request.ts";
import type { HttpStream } from "../../../core/http/send-body.ts";
import { suite } from "../../harness.ts";
import { scriptedServer } from "./servers.ts";

const test = suite("http/request", { timeout: 20_000 });

const OPTIONS: HttpRequestOptions = {
  signal: new AbortController().signal,
  maxBytes: 10_000_000,
  proxy: "direct",
  retry: { attempts: 4, delay: 5 },
  silence: 3000,
};
const { retry: _, ...UNTOLD } = OPTIONS;

test("each method is sent as it is, with its body, and whoever has none says so", async () => {
  await using server = await echoServer();
  const seen: unknown[] = [];
  const stream = streamOf(["one ", "two"]);
  for (const [method, body] of [
    ["GET", undefined],
    ["DELETE", undefined],
    ["POST", undefined],
    ["PUT", Buffer.from("bytes")],
    ["PATCH", { ...stream, size: 7 }],
    ["POST", stream],
  ] as const) {
    const response = await httpRequest(`${server.url}/x`, { ...OPTIONS, method, ...(body && { body }) });
    const { headers, text: sent } = JSON.parse(await text(response)) as {
      headers: Record<string, string>;
      text: string;
    };
    seen.push([method, headers["content-length"], headers["transfer-encoding"], sent]);
  }
  assert.equal(seen, [
    ["GET", undefined, undefined, ""],
    ["DELETE", undefined, undefined, ""],
    ["POST", "0", undefined, ""],
    ["PUT", "5", undefined, "bytes"],
    ["PATCH", "7", undefined, "one two"],
    ["POST", undefined, "chunked", "one two"],
  ]);
});

test("a HEAD may tell of more than is allowed to come", async () => {
  await using server = await scripted((_, response) => response.writeHead(200, { "content-length": 1e12 }).end());
  const response = await httpRequest(server.url, { ...OPTIONS, method: "HEAD", maxBytes: 10 });
  assert.is(response.headers["content-length"], "1000000000000");
  assert.is(await text(response), "");
});

test("a body is opened again for another try", async () => {
  await using server = await scripted(async (request, response, count) => {
    const sent = await received(request);
    if (count === 0) return response.destroy();
    return count === 1 ? response.writeHead(503, { "retry-after": "0" }).end() : response.end(sent);
  });
  const body = streamOf(["whole", " body"]);
  assert.is(await text(await httpRequest(server.url, { ...OPTIONS, method: "PUT", body })), "whole body");
  assert.equal([body.opened(), body.closed()], [3, 3]);
});

test("POST and PATCH are tried once unless the caller knows better; PUT and DELETE are tried again", async () => {
  await using server = await scripted((request, response, count) => {
    request.resume();
    return count === 0 ? response.destroy() : response.end("done");
  });
  for (const method of ["POST", "PATCH"] as const) {
    const once = httpRequest(`${server.url}/${method}`, { ...UNTOLD, method, body: streamOf(["x"]) });
    await rejects(once, "E_NETWORK");
    assert.is(await text(await httpRequest(`${server.url}/told-${method}`, { ...OPTIONS, method })), "done");
  }
  for (const method of ["PUT", "DELETE", "HEAD"] as const) {
    assert.is((await httpRequest(`${server.url}/${method}`, { ...UNTOLD, method })).status, 200);
  }
});

test("a POST that was refused because there were too many is sent again", async () => {
  await using server = await scripted(async (request, response, count) => {
    const sent = await received(request);
    return count === 0 ? response.writeHead(429, { "retry-after": "0" }).end() : response.end(sent);
  });
  const body = streamOf(["whole"]);
  assert.is(await text(await httpRequest(server.url, { ...UNTOLD, method: "POST", body })), "whole");
});

test("an answer of a busy server is returned when no further try is due", async () => {
  await using server = await scripted((request, response) => {
    request.resume();
    response.writeHead(request.url === "/long" ? 429 : 503, { "retry-after": request.url === "/long" ? "999" : "0" });
    response.end("why");
  });
  const long = await httpRequest(`${server.url}/long`, OPTIONS);
  assert.equal([long.status, await text(long), server.requests.length], [429, "why", 1]);
  const short = await httpRequest(`${server.url}/short`, OPTIONS);
  assert.equal([short.status, await text(short), server.requests.length], [503, "why", 5]);
});

test("an answer that comes early ends the sending, whether the rest would be read or not", async () => {
  await using server = await scripted((request, response) => {
    request.once("data", () => {
      if (request.url === "/deaf") request.pause();
      response.writeHead(413).end("too much");
    });
  });
  for (const path of ["/deaf", "/hears"]) {
    const body = endless();
    const response = await httpRequest(`${server.url}${path}`, { ...OPTIONS, method: "PUT", body, silence: 60_000 });
    assert.equal([response.status, await text(response)], [413, "too much"]);
    await until(() => body.closed() === 1);
    assert.ok(body.sent() < 64 * 1024 * 1024, `${body.sent()} bytes were read`);
  }
});

test("a body is not opened again before it is closed", async () => {
  await using server = await scripted(async (request, response, count) => {
    if (count === 0) return request.once("data", () => response.destroy());
    return response.end(await received(request));
  });
  const events: string[] = [];
  const slow: HttpStream = {
    async *open() {
      events.push("open");
      try {
        yield Buffer.from("a");
        await new Promise((resolve) => setTimeout(resolve, 200));
        yield Buffer.from("b");
      } finally {
        events.push("close");
      }
    },
  };
  assert.is(await text(await httpRequest(server.url, { ...OPTIONS, method: "PUT", body: slow })), "ab");
  assert.equal(events, ["open", "close", "open", "close"]);
});

test("who does not read what is sent is waited for, and is silent in the end", async () => {
  await using server = await scripted((request) => void request.pause());
  const body = endless();
  const sending = httpRequest(server.url, { ...UNTOLD, method: "PATCH", body, silence: 400 });
  assert.match((await rejects(sending, "E_NETWORK")).message, "nothing came for 0.4 seconds");
  assert.ok(body.sent() < 64 * 1024 * 1024, `${body.sent()} bytes were read`);
  assert.is(body.closed(), 1);
});

test("a slow source is no silence of the server, but a server that does not answer is", async () => {
  await using server = await scripted(async (request, response) => {
    const sent = await received(request);
    if (request.url === "/answers") response.end(sent);
  });
  const slow: HttpStream = {
    async *open() {
      for (const piece of ["a", "b", "c"]) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        yield Buffer.from(piece);
      }
    },
  };
  const options = { ...UNTOLD, method: "POST", body: slow, silence: 300 } as const;
  assert.is(await text(await httpRequest(`${server.url}/answers`, options)), "abc");
  await rejects(httpRequest(`${server.url}/silent`, options), "E_NETWORK");
});

test("what the body throws is thrown, and no other try is made", async () => {
  await using server = await scripted((request) => void request.resume());
  let opened = 0;
  const broken: HttpStream = {
    async *open() {
      opened++;
      yield Buffer.from("x");
      throw new ImageDslError("E_CONTENT_CHANGED", "The file changed");
    },
  };
  await rejects(httpRequest(server.url, { ...OPTIONS, method: "PUT", body: broken }), "E_CONTENT_CHANGED");
  for (const size of [2, 20]) {
    const wrong = httpRequest(server.url, { ...OPTIONS, method: "PUT", body: { ...streamOf(["three"]), size } });
    await wrong.then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, `not the ${size} bytes`),
    );
  }
  assert.is(opened, 1);
});

test("an interruption ends a sending, though the source gives nothing", async () => {
  await using server = await scripted((request) => void request.resume());
  const stuck: HttpStream = {
    async *open() {
      yield Buffer.from("x");
      await new Promise(() => {});
    },
  };
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  await rejects(
    httpRequest(server.url, { ...OPTIONS, method: "PUT", body: stuck, signal: controller.signal }),
    "E_ABORTED",
  );
});

test("307 and 308 repeat method and body, the others become a GET, and none are followed where none are wanted", async () => {
  await using server = await scripted(async (request, response) => {
    const sent = await received(request);
    const status = /^\/([0-9]{3})$/.exec(request.url ?? "")?.[1];
    if (status !== undefined) return response.writeHead(Number(status), { location: "/end" }).end();
    return response.end(`${request.method} ${request.headers["content-type"] ?? "-"} ${sent}`);
  });
  const body = streamOf(["body"]);
  const options = { ...OPTIONS, method: "POST", body, headers: { "Content-Type": "a/b" } } as const;
  for (const [status, expected] of [
    [307, "POST a/b body"],
    [308, "POST a/b body"],
    [301, "GET - "],
    [302, "GET - "],
    [303, "GET - "],
  ] as const) {
    const response = await httpRequest(`${server.url}/${status}`, options);
    assert.equal([await text(response), response.url], [expected, `${server.url}/end`]);
  }
  assert.is((await httpRequest(`${server.url}/307`, { ...options, redirects: "none" })).status, 307);
});

test("a caller may refuse where a redirect leads, before anything goes there", async () => {
  await using other = await scripted((_, response) => response.end());
  await using server = await scripted((request, response) => {
    request.resume();
    response.writeHead(307, { location: `${other.url}/there` }).end();
  });
  const refusal = httpRequest(server.url, {
    ...OPTIONS,
    redirects: (from, to) => {
      throw new ImageDslError("E_REGISTRY", `${from.href} ${to.href}`);
    },
  });
  assert.is((await rejects(refusal, "E_REGISTRY")).message, `${server.url}/ ${other.url}/there`);
  assert.is(other.requests.length, 0);
});

test("another origin gets the body that it is sent, but no secret", async () => {
  await using other = await echoServer();
  await using server = await scripted((request, response) => {
    request.resume();
    response.writeHead(307, { location: `${other.url}/x` }).end();
  });
  const headers = { Authorization: "Bearer geheim", Cookie: "geheim", "Proxy-Authorization": "geheim", "X-Other": "o" };
  const response = await httpRequest(server.url, { ...OPTIONS, method: "PUT", body: Buffer.from("layer"), headers });
  const echoed = await text(response);
  assert.not.match(echoed, "geheim");
  assert.match(echoed, '"x-other":"o"');
  assert.match(echoed, '"text":"layer"');
});

test("connections are used again, whatever was sent on them", async () => {
  const sockets = new Set<unknown>();
  await using server = await scripted(async (request, response) => {
    sockets.add(request.socket.remotePort);
    response.setHeader("content-length", 1).end((await received(request)) || "y");
  });
  const methods = ["PUT", "GET", "DELETE", "HEAD", "GET"] as const;
  for (const method of runtime() === "deno" ? methods : ([...methods, "POST", "PATCH", "HEAD"] as const)) {
    const body = method === "PUT" || method === "PATCH" ? { body: streamOf(["x"]) } : {};
    await text(await httpRequest(server.url, { ...OPTIONS, method, ...body }));
  }
  assert.is(sockets.size, 1);
});

/** A body, and how often it was opened and closed. */
function streamOf(pieces: readonly string[]) {
  let opened = 0;
  let closed = 0;
  return {
    opened: () => opened,
    closed: () => closed,
    async *open() {
      opened++;
      try {
        for (const piece of pieces) yield Buffer.from(piece);
      } finally {
        closed++;
      }
    },
  };
}

function endless() {
  const piece = Buffer.alloc(1024 * 1024, 7);
  let sent = 0;
  let closed = 0;
  return {
    sent: () => sent,
    closed: () => closed,
    async *open() {
      try {
        for (;;) {
          sent += piece.length;
          yield piece;
        }
      } finally {
        closed++;
      }
    },
  };
}

function echoServer() {
  return scripted(async (request, response) => {
    response.end(JSON.stringify({ headers: request.headers, text: await received(request) }));
  });
}

async function scripted(
  handle:
    | Parameters<typeof scriptedServer>[0]
    | ((...all: Parameters<Parameters<typeof scriptedServer>[0]>) => Promise<unknown>),
) {
  const server = await scriptedServer((...all) => void handle(...all));
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

async function received(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function text(response: HttpResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function rejects(promise: Promise<unknown>, code: string): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, code);
    return error;
  }
  throw new Error("Nothing was thrown");
}

test.run();
