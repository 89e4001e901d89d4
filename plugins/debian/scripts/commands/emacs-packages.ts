/** How add-on packages tell emacsen-common that they are there, as it does it where no Emacs is. */
import { joinPath, treePath, type TreePath } from "../../../../core/index.ts";
import type { Command, CommandTable } from "../world.ts";

const INSTALLED = treePath("var/lib/emacsen-common/state/package/installed");
const FLAVORS = treePath("var/lib/emacsen-common/state/flavor/installed");
const COMPAT = treePath("usr/lib/emacsen-common/packages/compat");

const install: Command = (invocation) => {
  const [context, name, ...more] = invocation.args;
  const { files } = invocation.world;
  if (name === undefined || more.length > 0) return invocation.refuse("emacs-package-install with such operands");
  const record = joinPath(INSTALLED, name as TreePath);
  if (context === "--preinst") {
    if (files.get(record)) files.remove(record);
    return 0;
  }
  if (context !== "--postinst") return invocation.refuse("emacs-package-install with such operands");
  // Old packages run a script even where no Emacs is; each Emacs that is there runs one.
  if (!files.get(joinPath(COMPAT, name as TreePath)))
    return invocation.refuse("emacs-package-install of an old package");
  if (files.list(FLAVORS).length > 0) return invocation.refuse("emacs-package-install with an Emacs that is there");
  if (files.get(INSTALLED)?.type !== "directory") return 1;
  if (!files.get(record)) files.write(record, "", 0o644);
  return 0;
};

export const EMACS_COMMANDS: CommandTable = { "emacs-package-install": install };
