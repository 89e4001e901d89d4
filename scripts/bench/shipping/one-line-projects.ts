/** Five typical images of an app, each as it is planned and with the app lowest, as images were before layers went by what changes. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LABEL } from "../docker.ts";

export interface Project {
  readonly name: string;
  /** TypeScript: the members of `contents` beside the app's. */
  readonly beside: readonly string[];
  /** TypeScript: the source of what changes. */
  readonly app: string;
  /** TypeScript: the contents of the image that it begins with. */
  readonly base?: string;
}

const DIST = 'files("dist", { dest: "/app/dist", name: "app" })';
const MODULES = 'files("node_modules", { dest: "/app/node_modules" })';

export const PROJECTS: readonly Project[] = [
  { name: "nodejs, node_modules, dist", beside: [debian("nodejs"), MODULES], app: DIST },
  { name: "nginx, site", beside: [debian("nginx")], app: DIST },
  { name: "python3, files", beside: [debian("python3-minimal")], app: DIST },
  { name: "base image, node_modules, files", base: debian("python3-minimal"), beside: [MODULES], app: DIST },
  {
    name: "nginx, step output, text",
    beside: [debian("nginx"), 'text("/etc/app.conf", "port = 80\\n")'],
    app: 'step({ name: "app", inputs: { src: files("dist") }, run: "cp -r $inputs_src/. $out/", dest: "/app" })',
  },
];

const MODULE_FILES = 1000;
const MODULE_BYTES = 10_000;

/** The app of 1.7 kB is the bench's to write. */
export function writeProject(folder: string, { app, beside, base }: Project): void {
  mkdirSync(join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "dist/app.js"), "");
  for (let index = 0; index < MODULE_FILES; index++) {
    const path = join(folder, "node_modules", `package-${index % 50}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `${index}.js`), randomBytes(MODULE_BYTES));
  }
  const from = base === undefined ? "" : "from: base, ";
  writeFileSync(
    join(folder, "image.config.ts"),
    `import { debian, defineConfig, files, image, layering, step, text } from "image-dsl";
const labels = { "${LABEL}": "" };
const base = image({ name: "image-dsl-bench-base", labels, contents: ${base ?? "[]"} });
const contents = [${[...beside, app].join(", ")}];
const lowest = [
  layering.group({ app: ["app"] }),
  layering.over("rest", layering.pipe(layering.popularityContest(), layering.limitLayers(90))),
  layering.flatten(),
];
export default defineConfig({ images: {
  now: image({ name: "image-dsl-bench-now", ${from}labels, contents }),
  lowest: image({ name: "image-dsl-bench-lowest", ${from}labels, contents, layers: { max: 120, pipeline: lowest } }),
} });
`,
  );
}

function debian(name: string): string {
  return `debian({ suite: "bookworm", packages: ["${name}"] })`;
}
