/** Trees of files that scripts run over, and the image of each: a base of it, with `runAsRoot` on top. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TreeSize {
  readonly megabytes: number;
  readonly files: number;
}

/** As many as one folder has. */
const FOLDER = 20;

/** Files of one size, each with bytes of its own, below `data`. */
export function writeTree(folder: string, { megabytes, files }: TreeSize): void {
  const size = Math.floor((megabytes * 1e6) / files);
  for (let index = 0; index < files; index++) {
    const directory = join(folder, "data", `part-${Math.floor(index / FOLDER)}`);
    if (index % FOLDER === 0) mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `file-${index % FOLDER}`), Buffer.alloc(size, `${megabytes} ${index} `));
  }
}

export function sizeText({ megabytes, files }: TreeSize): string {
  return `${megabytes.toLocaleString("en")} MB in ${files.toLocaleString("en")} files`;
}

/** A project whose base has the folder `tree`, which is beside it. `script`: of `runAsRoot`. `edit`: what makes it another config than before. */
export function writeProject(project: string, script: string, edit: number): void {
  mkdirSync(project, { recursive: true });
  writeFileSync(
    join(project, "image.config.ts"),
    `// ${edit}
import { buildImage, buildLayeredImage, files } from "image-dsl";
const base = buildLayeredImage({ name: "base", contents: files("../tree") });
export default buildImage({
  name: "bench", fromImage: base, diskSize: 2048, runAsRoot: ${JSON.stringify(script)},
});
`,
  );
}
