/** What scripts leave running, and what they can read of whoever runs them. */
import { LEFT_BEHIND, type Attack } from "../../attack.ts";

function attack(name: string, image: string): Attack {
  return { name, make() {}, image, ends: { told: [] } };
}

const script = (option: string, text: string): string =>
  `dsl.buildLayeredImage({ name: "t", contents: dsl.text("/a", "a"), ${option}: ${JSON.stringify(text)} })`;
const step = (text: string): string => `dsl.image({ name: "t", contents: dsl.step({ run: ${JSON.stringify(text)} }) })`;

const DAEMON = `cd /; env -i setsid -f sleep ${LEFT_BEHIND} > /dev/null 2>&1 < /dev/null`;

/** Of both kinds, each of which has to come to its end. */
const both = (text: string, more = ""): string =>
  `dsl.buildLayeredImage({ name: "t", contents: dsl.text("/a", "a"), ${["extraCommands", "fakeRootCommands"].map((option) => `${option}: ${JSON.stringify(text)}`).join(", ")}${more} })`;
const sandboxed = (text: string): string => both(text, ", sandbox: true");

/** The ways to who started it, by numbers and by the links of its own. */
const ABOVE =
  "cat /proc/1/environ /proc/1/cmdline /proc/$PPID/environ /proc/$PPID/cmdline /proc/self/root/proc/[0-9]*/environ /proc/[0-9]*/task/*/environ /proc/[0-9]*/cmdline >> seen || test -s seen";
/** A file of the host, by its path and by the folders that processes hold. */
const FILES =
  "cat SECRET /proc/self/root/SECRET /proc/[0-9]*/root/SECRET /proc/[0-9]*/cwd/../secret ../../secret ../../../../secret >> seen 2> /dev/null || touch seen";

/** The canary is in the builder's environment and on its command line. */
const LOOK = `cat /proc/*/environ /proc/*/cmdline > $out/seen; test -s $out/seen`;

export const attacks: readonly Attack[] = [
  attack("a daemon of extraCommands, without an environment", script("extraCommands", DAEMON)),
  attack("a daemon of fakeRootCommands, without an environment", script("fakeRootCommands", DAEMON)),
  attack("a daemon of a step", step(`${DAEMON}; echo > $out/a`)),
  attack("a thousand daemons", script("extraCommands", `for i in $(seq 1000); do (${DAEMON}) & done; wait`)),
  attack(
    "a daemon that heeds no SIGTERM",
    script(
      "extraCommands",
      `cd /; env -i setsid -f sh -c "trap '' TERM; while :; do sleep ${LEFT_BEHIND} & wait; done" > /dev/null 2>&1 < /dev/null; sleep 0.3`,
    ),
  ),
  attack("a step that looks at all processes", step(LOOK)),
  attack("scripts that look at who started them", both(ABOVE)),
  attack(
    "scripts in the sandbox that look at who started them, and for a file of the host",
    sandboxed(`${ABOVE}; ${FILES}`),
  ),
  attack("daemons of scripts in the sandbox", sandboxed(DAEMON)),
];
