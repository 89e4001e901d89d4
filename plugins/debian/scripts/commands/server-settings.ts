/** Servers that are asked what their own configuration says. */
import { type TreePath, displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { linesOf, printLine } from "./text.ts";

export const SERVER_SETTINGS_COMMANDS: CommandTable = {
  /** `-p`: every directive as it is read, without comments. */
  chronyd(invocation) {
    if (invocation.args.join(" ") !== "-p") return invocation.refuse("chronyd with such options");
    printChrony(invocation, "/etc/chrony/chrony.conf");
    return 0;
  },
  /** `-k parse`: each directive on stderr, with those of included files in their place. */
  squid(invocation) {
    if (invocation.args.join(" ") !== "-k parse") return invocation.refuse("squid with such options");
    processSquid(invocation, "/etc/squid/squid.conf");
    return 0;
  },
  /** Right is what the package itself ships; whether anything else is, it would have to read as named does. */
  "named-checkconf"(invocation) {
    if (invocation.args.join(" ") !== "/etc/bind/named.conf")
      return invocation.refuse("named-checkconf of another file");
    const { files, current } = invocation.world;
    const shipped = current().tree;
    for (const name of filesIn(invocation, "/etc/bind", "").filter((each) => each.startsWith("named.conf"))) {
      const path = files.resolve(`/etc/bind/${name}`, "/");
      const [now, before] = [files.get(path), shipped?.get(path)];
      const isOwn = now?.type === "file" && before?.type === "file" && now.content === before.content;
      if (!isOwn) return invocation.refuse(`named-checkconf of another ${displayBytes(name)}`);
    }
    return 0;
  },
  /** `-G`: what is in force. Only host keys are asked for by scripts, and only where nothing says otherwise. */
  sshd(invocation) {
    if (invocation.args.join(" ") !== "-G") return invocation.refuse("sshd with such options");
    const directives = directivesIn(invocation, "/etc/ssh/sshd_config", /^#/);
    if (
      directives.some((line) => /^(hostkey|match)\b/i.test(line)) ||
      filesIn(invocation, "/etc/ssh/sshd_config.d", "").length > 0
    )
      return invocation.refuse("sshd -G of such a configuration");
    for (const kind of ["rsa", "ecdsa", "ed25519"]) printLine(invocation, `hostkey /etc/ssh/ssh_host_${kind}_key`);
    return 0;
  },
};

function printChrony(invocation: Invocation, path: string): void {
  for (const line of directivesIn(invocation, path, /^[!;#%]/)) {
    const [name = "", folder = ""] = line.split(" ");
    if (name === "include") invocation.refuse("an include in chrony.conf");
    if (name !== "confdir") printLine(invocation, line);
    else for (const file of filesIn(invocation, folder, ".conf")) printChrony(invocation, `${folder}/${file}`);
  }
}

function processSquid(invocation: Invocation, path: string): void {
  for (const line of directivesIn(invocation, path, /^#/)) {
    const [, folder, ending] = /^include (\/\S+)\/\*(\.\w+)$/.exec(line) ?? [];
    if (/^(include|if|else|endif)\b/.test(line) && folder === undefined)
      invocation.refuse("this directive of squid.conf");
    if (folder === undefined) invocation.printError(`1970/01/01 00:00:01| Processing: ${line}\n`);
    else for (const name of filesIn(invocation, folder, ending!)) processSquid(invocation, `${folder}/${name}`);
  }
}

/** The lines that say something, with single blanks. */
function directivesIn({ world }: Invocation, path: string, comment: RegExp): readonly string[] {
  const { files } = world;
  return linesOf(files.read(files.resolve(path, "/")))
    .map((line) => line.trim().replaceAll(/\s+/g, " "))
    .filter((line) => line !== "" && !comment.test(line));
}

function filesIn({ world: { files } }: Invocation, folder: string, ending: string): readonly string[] {
  const path: TreePath = files.resolve(folder, "/");
  return files.get(path) === undefined ? [] : files.list(path).filter((name) => name.endsWith(ending));
}
