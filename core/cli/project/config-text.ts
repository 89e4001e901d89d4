/** The image.config.ts that `init` writes for the apps it found. */
import type { DetectedProject } from "./detect.ts";
import type { DetectedApp } from "./detected-app.ts";

/** What does not fit is broken, as formatters do it. */
const WIDTH = 80;

export function configText({ apps }: DetectedProject): string {
  const names = ["defineConfig", "image", ...new Set(apps.map(presetOf))];
  if (apps.some(({ shape }) => shape.moved !== undefined)) names.push("files");
  const constants = apps.flatMap((app) =>
    needsName(app) ? [`const ${variableOf(app)} = ${presetCall(app, "")};\n\n`] : [],
  );
  const images = apps.map((app) => `  ${keyText(app.target)}: ${imageCall(app)},\n`);
  return [
    `import { ${names.sort().join(", ")} } from "image-dsl";\n\n`,
    ...constants,
    `export default defineConfig({\n${images.join("")}});\n`,
  ].join("");
}

/** Where one of its parts is added to: `env: { ...app.env, … }`. */
function needsName({ shape }: DetectedApp): boolean {
  return shape.env !== undefined || shape.moved !== undefined;
}

function imageCall(app: DetectedApp): string {
  const { image, isNamed, shape } = app;
  const { cmd, env, moved } = shape;
  const more = [
    ...(isNamed ? [`name: ${valueText(image)}`] : []),
    ...(moved === undefined ? [] : [movedText(app, moved)]),
    ...(cmd === undefined ? [] : [`cmd: ${valueText(cmd)}`]),
    ...(env === undefined ? [] : [`env: { ...${variableOf(app)}.env, ${entriesOf(env).join(", ")} }`]),
  ];
  if (more.length === 0) {
    const call = presetCall(app, "    ");
    return call.includes("\n") ? `image(\n    ${call},\n  )` : `image(${call})`;
  }
  const first = needsName(app) ? variableOf(app) : presetCall(app, "    ");
  return `image(${braced([`...${first}`, ...more], "  ")})`;
}

function presetCall(app: DetectedApp, indent: string): string {
  const { dir, shape } = app;
  const { files, entry, dependencies, port } = shape;
  const options = entriesOf({
    ...(dir !== "." && { dir }),
    ...(files !== undefined && { files }),
    ...(entry !== undefined && { entry }),
    ...(dependencies !== undefined && { dependencies }),
    ...(port !== undefined && { port }),
  });
  return `${presetOf(app)}(${options.length === 0 ? "" : braced(options, indent)})`;
}

function presetOf({ shape: { program = "node" } }: DetectedApp): string {
  return `${program}App`;
}

function movedText(app: DetectedApp, moved: Readonly<Record<string, string>>): string {
  const folders = Object.entries(moved).map(([from, to]) => {
    const path = app.dir === "." ? from : `${app.dir}/${from}`;
    return `files(${valueText(path)}, { dest: ${valueText(`/app/${to}`)} })`;
  });
  return `contents: [\n${[`...${variableOf(app)}.contents`, ...folders].map((each) => `      ${each},\n`).join("")}    ]`;
}

function entriesOf(value: object): readonly string[] {
  return Object.entries(value).map(([key, each]) => `${keyText(key)}: ${valueText(each)}`);
}

function braced(entries: readonly string[], indent: string): string {
  const line = `{ ${entries.join(", ")} }`;
  if (line.length + indent.length < WIDTH && !line.includes("\n")) return line;
  return `{\n${entries.map((entry) => `${indent}  ${entry},\n`).join("")}${indent}}`;
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(valueText).join(", ")}]` : JSON.stringify(value);
}

function keyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

/** `my-app` is myApp, `web` is webApp: a word of its own, which is neither reserved nor imported. */
function variableOf({ target }: DetectedApp): string {
  const words = target.split(/[^A-Za-z0-9]+/).filter((word) => !/^(?:\d.*|app)$/i.test(word));
  const [first = "", ...others] = [...words, "app"];
  return first + others.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}
