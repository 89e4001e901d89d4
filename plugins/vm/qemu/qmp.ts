/** Commands to a running QEMU: one JSON document a line (QEMU, docs/interop/qmp-spec). */
import type { Socket } from "node:net";
import { ImageDslError, type Json } from "../../../core/index.ts";

export interface Qmp {
  /** What the command returns. Throws `E_VM` with QEMU's own words. */
  execute(command: string, args?: Readonly<Record<string, Json>>): Promise<Json>;
  close(): void;
}

type Reply = { readonly return: Json } | { readonly error: { readonly desc: string } };

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export async function openQmp(socket: Socket): Promise<Qmp> {
  const waiting: Waiting[] = [];
  const onLine = (line: string): void => {
    const reply = JSON.parse(line) as object;
    // Its greeting, and what happens, come unasked.
    if ("return" in reply || "error" in reply) waiting.shift()?.resolve(reply as Reply);
  };
  let isOver = false;
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") onLine(line);
  });
  const gone = (): ImageDslError => new ImageDslError("E_VM", "QEMU ended unexpectedly");
  const end = (): void => {
    isOver = true;
    for (const each of waiting.splice(0)) each.reject(gone());
  };
  socket.on("error", end);
  socket.on("close", end);

  async function execute(command: string, args: Readonly<Record<string, Json>> = {}): Promise<Json> {
    if (isOver) throw gone();
    const reply = await new Promise<Reply>((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if ("error" in reply) throw new ImageDslError("E_VM", `QEMU refuses ${command}: ${reply.error.desc}`);
    return reply.return;
  }

  await execute("qmp_capabilities");
  return { execute, close: () => socket.destroy() };
}
