/** lighty-enable-mod(1): a module's configuration as a link into the directory of enabled ones. */
import { treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { printLine } from "./text.ts";

const AVAILABLE = "etc/lighttpd/conf-available";
const ENABLED = "etc/lighttpd/conf-enabled";
const NOTHING_DONE = 2;

export const LIGHTTPD_COMMANDS: CommandTable = {
  "lighty-enable-mod"(invocation) {
    if (invocation.args.length === 0) return invocation.refuse("lighty-enable-mod without a module");
    const statuses = invocation.args.map((name) => enable(name, invocation));
    printLine(invocation, 'Run "service lighttpd force-reload" to enable changes');
    return statuses.some((status) => status !== 0) ? NOTHING_DONE : 0;
  },
};

function enable(name: string, invocation: Invocation): number {
  const { files } = invocation.world;
  const candidates = files.list(treePath(AVAILABLE)).filter((file) => /^\d+-([\w.-]+)\.conf$/.exec(file)?.[1] === name);
  const [file] = candidates;
  if (file === undefined) {
    printLine(invocation, `Ignoring unknown module: ${name}`);
    return NOTHING_DONE;
  }
  if (candidates.length > 1) return invocation.refuse(`lighty-enable-mod with several ${name}`);
  if (files.find(`/${ENABLED}/${file}`, "/")?.type === "file") {
    printLine(invocation, "already enabled");
    return NOTHING_DONE;
  }
  const text = files.read(files.resolve(`/${AVAILABLE}/${file}`, "/"));
  if (/# -\*- (depends|conflicts): /.test(text)) return invocation.refuse(`lighty-enable-mod ${name}`);
  files.makeLink(treePath(`${ENABLED}/${file}`), `../conf-available/${file}`);
  printLine(invocation, `Enabling ${name}: ok`);
  return 0;
}
