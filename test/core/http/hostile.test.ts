/** Servers that speak HTTP only nearly, or without end: each request ends with an error, in bounded time and memory. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { httpRequest } from "../../../core/http/request.ts";
import { suite } from "../../harness.ts";

const test = suite("http/hostile", { timeout: 30_000 });

const { signal } = new AbortController();
const OPTIONS = {
  signal,
  maxBytes: 100_000,
  silence: 1000,
  leastSpeed: { bytesPerSecond: 1000, over: 1000 },
  retry: { attempts: 1, delay: 0 },
};
const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** Says something once, or the last of it for ever. */
const say = (text: string) => (socket: Socket) => void socket.end(Buffer.from(text, "latin1"));
const saysOn = (begin: string, more: string) => (socket: Socket) => {
  socket.write(begin);
  const piece = more.repeat(1000);
  const go = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once("drain", go);
  };
  go();
};

const ERRORS: readonly (readonly [what: string, speak: (socket: Socket) => void])[] = [
  ["no HTTP", say("SSH-2.0-OpenSSH_9\x1b[31m\r\n")],
  ["nothing", (socket) => void socket.end()],
  ["a header of a megabyte", say(`${OK}X-A: ${"a".repeat(1e6)}\r\n\r\n`)],
  ["headers without end", saysOn(OK, "a: b\r\n")],
  ["one header without end", saysOn(`${OK}X-A: `, "aaaa")],
  ["early hints without end", saysOn("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")],
  ["a chunk's extension without end", saysOn(`${CHUNKED}5;`, "xxxx")],
  ["trailers without end", saysOn(`${CHUNKED}5\r\nhello\r\n0\r\n`, "a: b\r\n")],
  ["chunks of a byte without end", saysOn(CHUNKED, "1\r\nx\r\n")],
  ["a chunk that is no number", say(`${CHUNKED}zz\r\nhello\r\n0\r\n\r\n`)],
  ["two lengths", say(`${OK}Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello`)],
  ["a negative length", say(`${OK}Content-Length: -3\r\n\r\nhello`)],
  ["a length beyond all numbers", say(`${OK}Content-Length: 99999999999999999999999\r\n\r\nhello`)],
  ["a body that is too short", say(`${OK}Content-Length: 50\r\n\r\nhello`)],
  ["another protocol", say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello")],
];

for (const [what, speak] of ERRORS) {
  test(`${what}: an error`, async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
      socket.once("data", () => speak(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      for await (const _ of (await httpRequest(url, OPTIONS)).body);
      assert.unreachable("it was taken for an answer");
    } catch (error) {
      assert.instance(error, ImageDslError, String(error));
      const { code, message } = error as ImageDslError;
      assert.is(code, "E_NETWORK");
      assert.ok(message.length < 300, message);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
}

test.run();
