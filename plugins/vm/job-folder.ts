/** The directory of one job: its sockets and files. What is opened there is closed with it, last opened first. */
import { join } from "node:path";
import { socketFolder, type SocketFolder, type Store } from "../../core/index.ts";

export interface JobFolder {
  readonly path: string;
  readonly sockets: SocketFolder;
  file(name: string): string;
  /** `end` is called when the folder goes. */
  closing(end: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function openJobFolder(store: Store): Promise<JobFolder> {
  const temporary = await store.temporaryDirectory("vm");
  const sockets = socketFolder(temporary.path);
  const ends: (() => Promise<void>)[] = [];
  return {
    path: temporary.path,
    sockets,
    file: (name) => join(temporary.path, name),
    closing: (end) => void ends.push(end),
    async close() {
      for (const end of ends.reverse()) await end();
      sockets.close();
      await temporary.dispose();
    },
  };
}
