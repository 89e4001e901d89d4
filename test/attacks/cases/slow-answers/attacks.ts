/** A server that says so little, or so much, that there would be no end of it. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Attack } from "../../attack.ts";

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/slow.tar": (response) => {
    const timer = setInterval(() => response.write("a"), 200);
    response.once("close", () => clearInterval(timer));
  },
  "/endless.tar": (response) => {
    const piece = Buffer.alloc(1 << 20);
    const go = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once("drain", go);
    };
    go();
  },
};

const server = createServer(({ url = "" }, response) => {
  response.writeHead(200);
  ANSWERS[url]!(response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

export function dispose(): void {
  server.closeAllConnections();
  server.close();
}

function attack(name: string, path: string, says: readonly string[]): Attack {
  const options = JSON.stringify({ url: `http://127.0.0.1:${port}${path}`, sha256: "0".repeat(64) });
  return {
    name,
    make() {},
    image: `dsl.image({ name: "t", contents: dsl.archive(${options}) })`,
    ends: { code: "E_NETWORK", says },
    waits: true,
  };
}

export const attacks: readonly Attack[] = [
  attack("a byte every fifth of a second", "/slow.tar", ["less than 1000 bytes a second"]),
];
