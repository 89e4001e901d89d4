/** `WorkingDir`: where it is missing, runtimes make it at each start, empty and root's, or refuse to start. */
import { encodeText, type CheckContext, type Finding } from "../../core/index.ts";
import { follow, isMounted } from "./tree.ts";

export function* checkWorkingDirectory({ image }: CheckContext): Generator<Finding> {
  const { WorkingDir: directory = "" } = image.config;
  const path = encodeText(directory);
  if (path === "" || isMounted(image, path)) return;
  const found = follow(image.tree, path);
  if (found?.isDirectory) return;
  yield {
    code: "W_WORKING_DIR",
    message: `config.WorkingDir is "${directory}", which is ${found === undefined ? "not there" : "no directory"}`,
    hint: `Make it, as in extraCommands: "mkdir -p ${directory.replace(/^\/+/, "")}"`,
  };
}
