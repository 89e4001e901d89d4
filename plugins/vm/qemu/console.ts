/** The guest's serial port: what it says, and one line to it. */
import type { Socket } from "node:net";

export interface GuestConsole {
  /** Once the guest said this. */
  says(text: string): Promise<void>;
  send(line: string): void;
  /** The end of all that it said. */
  words(): string;
  /** How many characters it said. */
  heard(): number;
  /** Once it can say nothing more. */
  readonly closed: Promise<void>;
}

/** What is kept, in characters: a panic's text is within it. */
const KEPT = 64 * 1024;

export function readConsole(socket: Socket): GuestConsole {
  let text = "";
  let heard = 0;
  let listeners: (() => void)[] = [];
  socket.setEncoding("latin1");
  socket.on("data", (more: string) => {
    heard += more.length;
    text = (text + more).slice(-KEPT);
    for (const each of listeners) each();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.resume();
  return {
    says: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(wanted)) return;
          listeners = listeners.filter((each) => each !== look);
          resolve();
        };
        listeners.push(look);
        look();
      }),
    send: (line) => void socket.write(`${line}\n`),
    words: () => text,
    heard: () => heard,
    closed,
  };
}
