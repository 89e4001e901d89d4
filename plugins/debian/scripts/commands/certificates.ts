/** update-ca-certificates(8), with the hooks that packages leave for it. */
import { displayBytes, joinPath } from "../../../../core/index.ts";
import { writeCertificateBundle } from "../ca-bundle.ts";
import type { CommandTable } from "../world.ts";
import { parseOptions } from "./options.ts";

export const CERTIFICATE_COMMANDS: CommandTable = {
  "update-ca-certificates"(invocation) {
    const options = parseOptions(invocation, ["fresh", "f", "verbose", "v", "hooksdir:"]);
    const { files } = invocation.world;
    // On a first installation there is nothing that `--fresh` could clear.
    const added = writeCertificateBundle(files);
    const hooks = files.find(options.last("hooksdir") ?? "/etc/ca-certificates/update.d", "/");
    if (hooks?.type !== "directory") return 0;
    for (const name of files.list(hooks.path).filter((hook) => /^[\w-]+$/.test(hook))) {
      const hook = joinPath(hooks.path, name);
      if ((files.get(hook)!.mode & 0o111) === 0) continue;
      const status = invocation.run([`/${hook}`], { input: added.map((path) => `+${path}\n`).join("") });
      if (status !== 0) return invocation.refuse(`the hook ${displayBytes(hook)}, which fails,`);
    }
    return 0;
  },
};
