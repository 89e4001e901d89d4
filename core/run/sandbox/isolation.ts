/** What `image-dsl doctor` says of each kind of script: what is closed off from it here and now, and what is open to it. */
import type { DoctorCheck } from "../../pipeline/builder-hooks.ts";
import { haveOwnProcesses } from "../names/names.ts";
import { findBubblewrap } from "./bubblewrap.ts";

/** Others' processes; the environment and the command line of who builds; files that are neither the image's nor the system's; its users. */
const PARTS = ["processes", "environment", "network", "files", "names"] as const;

type Part = (typeof PARTS)[number];

const MEND = "Install bubblewrap and let it work (see bubblewrap)";

/** Scripts of the config that run in a directory of the host: `extraCommands`, `fakeRootCommands`. */
export async function checkHostScripts(): Promise<DoctorCheck> {
  return isolation(
    "scripts",
    "extraCommands, fakeRootCommands",
    await closedByNamespace(),
    "sandbox: true closes the rest",
  );
}

/** The same under fakechroot, whose root is a library's word. */
export async function checkFakechrootScripts(): Promise<DoctorCheck> {
  return isolation("fakechroot", "fakeRootCommands with enableFakechroot", await closedByNamespace());
}

/** What has all of the sandbox, or none of it. */
export async function checkSandboxed(): Promise<readonly DoctorCheck[]> {
  const found = await findBubblewrap();
  const steps = isolation("steps", "step, npm({ allowScripts })", found.bubblewrap ? PARTS : ["names"]);
  const scripts = isolation("sandbox", "scripts with sandbox: true", PARTS);
  if (found.bubblewrap !== undefined) return [steps, scripts];
  return [steps, { ...scripts, state: "missing", detail: `they are refused here: ${found.reason}`, mend: found.mend }];
}

async function closedByNamespace(): Promise<readonly Part[]> {
  return (await haveOwnProcesses()) ? ["processes", "environment", "names"] : ["names"];
}

function isolation(kind: string, purpose: string, closed: readonly Part[], rest?: string): DoctorCheck {
  const open = PARTS.filter((part) => !closed.includes(part));
  const detail = [`closed off: ${closed.join(", ")}`, ...(open.length === 0 ? [] : [`open: ${open.join(", ")}`])].join(
    "; ",
  );
  const about = { name: `isolation of ${kind}`, purpose };
  if (open.includes("processes")) return { ...about, state: "limited", detail, mend: MEND };
  return { ...about, state: "ok", detail: `${purpose}: ${detail}${rest === undefined ? "" : ` (${rest})`}` };
}
