/** The host's end of `command-loop.ts`: commands go out as lines, what they write comes in frames among what else is sent. */
import { EventEmitter } from "node:events";
import { PassThrough, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { StartedCommand } from "./script-shell.ts";

export interface CommandChannel {
  /** What is sent besides: what stands before the loop's first frame or behind its last. To be read to its end. */
  readonly rest: AsyncIterable<Buffer>;
  /** Whether the loop came to take commands. */
  readonly ready: Promise<boolean>;
  start(text: string): StartedCommand;
  /** Ends the loop; `script` is its status. */
  end(script: number): void;
}

interface Running {
  write(kind: "out" | "err", bytes: Buffer): void;
  end(status: number | null): void;
}

interface Frame {
  /** Commands can be run; one has written; one has ended. */
  readonly kind: "ready" | "out" | "err" | "end";
  readonly number: number;
  /** Bytes that follow, or the status. */
  readonly value: number;
}

/** Characters of a frame's line. */
const MAX_LINE = 64;
const NEWLINE = 10;

export function commandChannel(output: AsyncIterable<Buffer>, input: Writable): CommandChannel {
  const running = new Map<number, Running>();
  let count = 0;
  let isOver = false;
  let tell: (isReady: boolean) => void = () => {};
  const ready = new Promise<boolean>((resolve) => {
    tell = resolve;
  });
  // That nobody takes it any more shows in what is sent.
  input.on("error", () => {});

  function take(frame: Frame, bytes: Buffer): void {
    if (frame.kind === "ready") tell(true);
    else if (frame.kind === "end") running.get(frame.number)?.end(frame.value);
    else running.get(frame.number)?.write(frame.kind, bytes);
  }

  function close(): void {
    isOver = true;
    tell(false);
    for (const each of running.values()) each.end(null);
  }

  return {
    rest: withoutFrames(output, take, close),
    ready,
    start(text) {
      const number = ++count;
      const { command, process } = newCommand();
      running.set(number, process);
      void command.ended.then(() => running.delete(number));
      if (isOver) process.end(null);
      else input.write(`${number} ${Buffer.from(text).toString("base64")}\n`);
      return command;
    },
    end: (script) => void input.write(`end ${script}\n`),
  };
}

/** As a child of Node's: it exits, its output ends, it closes. */
function newCommand(): { readonly command: StartedCommand; readonly process: Running } {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const child = Object.assign(new EventEmitter(), { stdout: out, stderr: err });
  let isOver = false;
  const streams = Promise.all([finished(out), finished(err)]);
  let end: (status: number | null) => void = () => {};
  const status = new Promise<number | null>((resolve) => {
    end = (each) => {
      isOver = true;
      resolve(each);
      out.end();
      err.end();
    };
  });
  const ended = (async () => {
    const code = await status;
    const signal = code === null ? "SIGKILL" : null;
    child.emit("exit", code, signal);
    await streams.catch(() => {});
    child.emit("close", code, signal);
  })();
  const write = (kind: "out" | "err", bytes: Buffer) => {
    if (!isOver) (kind === "out" ? out : err).write(bytes);
  };
  const process = { write, end: (each: number | null) => end(each) };
  // In there it is ended with all others, once the loop is.
  return { command: { child, ended, stop: () => process.end(null) }, process };
}

/** Calls `take` for each frame, `close` at the end. */
async function* withoutFrames(
  output: AsyncIterable<Buffer>,
  take: (frame: Frame, bytes: Buffer) => void,
  close: () => void,
): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  let isPast = false;
  try {
    for await (const piece of output) {
      if (isPast) {
        yield piece;
        continue;
      }
      held = Buffer.concat([held, piece]);
      for (;;) {
        const end = held.indexOf(NEWLINE);
        if (end < 0 && held.length < MAX_LINE) break;
        const frame = parseFrame(held.toString("latin1", 0, Math.max(end, 0)));
        if (frame === undefined) {
          isPast = true;
          close();
          yield held;
          break;
        }
        const size = frame.kind === "out" || frame.kind === "err" ? frame.value : 0;
        if (held.length < end + 1 + size) break;
        take(frame, held.subarray(end + 1, end + 1 + size));
        held = held.subarray(end + 1 + size);
      }
    }
    if (!isPast && held.length > 0) yield held;
  } finally {
    close();
  }
}

function parseFrame(line: string): Frame | undefined {
  const [, kind, number, value] = /^(ready|out|err|end) (\d{1,9}) (\d{1,9})$/.exec(line) ?? [];
  return kind === undefined ? undefined : { kind: kind as Frame["kind"], number: Number(number), value: Number(value) };
}
