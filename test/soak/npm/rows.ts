/** A row for each project and architecture: how many paths of a package manager's tree ours has otherwise. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../../scripts/soak.ts";
import type { Cpu, Installed } from "../../e2e/npm-projects.ts";

/** Lines of a row that failed. */
const SHOWN = 5;

export interface Referee<Project> {
  /** As rows name it: `npm ci`. */
  readonly command: string;
  readonly projects: Readonly<Record<string, Project>>;
  /** Writes the project with its lock. */
  make(directory: string, project: Project): void;
  compare(directory: string, cpu: Cpu, project: Project): Installed;
}

/** `--project=sharp,next` takes those alone. */
export function soakBeside<Project>(referee: Referee<Project>): Soak {
  return async (options) => {
    const only = options.get("project")?.split(",");
    return Object.entries(referee.projects)
      .filter(([name]) => only === undefined || only.includes(name))
      .flatMap(([name, project]) => rowsOf(name, project, referee));
  };
}

function rowsOf<Project>(name: string, project: Project, { command, make, compare }: Referee<Project>) {
  const directory = mkdtempSync(join(tmpdir(), `soak-${command.split(" ")[0]}-${name}-`));
  try {
    make(directory, project);
    return (["x64", "arm64"] as const).map((cpu): SoakRow => {
      const { paths, found } = compare(directory, cpu, project);
      for (const line of found.slice(0, SHOWN)) console.error(`${name} ${cpu}: ${line}`);
      return {
        what: `${name}, ${cpu}: what ${command} writes`,
        figure: `${paths} paths, ${found.length} differ`,
        aim: "none differs",
        ok: found.length === 0,
      };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
