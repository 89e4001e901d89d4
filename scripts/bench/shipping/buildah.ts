/** buildah with a storage of its own, as one command for the shell. */
import { join } from "node:path";

/** Mounts, which overlay needs, are seen by this command only, and go away with it. */
export function buildah(storage: string, command: string): string {
  return `unshare --mount buildah --root '${join(storage, "root")}' --runroot '${join(storage, "run")}' --storage-driver overlay ${command}`;
}
