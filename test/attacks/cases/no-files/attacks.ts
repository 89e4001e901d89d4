/** Pipes that nobody writes to, and devices without end, in the place of files: told at once, by what they are and not by what stat says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../../../core/index.ts";
import type { Attack } from "../../attack.ts";
import { requireTool } from "../../../harness.ts";

type Put = (path: string) => void;

const pipe: Put = (path) => void execFileSync(requireTool("mkfifo"), [path]);
const device: Put = (path) => symlinkSync("/dev/zero", path);

/** `path`: of what is put into the project. */
function attacksOf(what: string, path: string, image: string, code: ErrorCode): readonly Attack[] {
  const attack = (name: string, put: Put): Attack => ({
    name: `${name} as ${what}`,
    make(folder) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      put(join(folder, path));
      if (path.startsWith("layout")) writeFileSync(join(folder, "layout/oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    },
    image,
    ends: { code, says: [] },
  });
  return [attack("a pipe", pipe), attack("a link to a device", device)];
}

const DEBIAN = `dsl.debian({ suite: "t", packages: ["base-files"], mirror: "file://" + import.meta.dirname + "/mirror" })`;

const image = (contents: string): string => `dsl.image({ name: "t", contents: ${contents} })`;

export const attacks: readonly Attack[] = [
  ...attacksOf("an archive", "input.tar", image(`dsl.archive("./input.tar")`), "E_FILES"),
  ...attacksOf("a base", "base.tar", `dsl.image({ name: "t", from: "./base.tar" })`, "E_BASE_IMAGE"),
  ...attacksOf("a layout's index", "layout/index.json", `dsl.image({ name: "t", from: "./layout" })`, "E_BASE_IMAGE"),
  ...attacksOf("InRelease", "mirror/dists/t/InRelease", image(DEBIAN), "E_NETWORK"),
  ...attacksOf(
    "a layering pipeline",
    "pipeline.json",
    `dsl.buildLayeredImage({ name: "t", contents: [], layeringPipeline: "./pipeline.json" })`,
    "E_CONFIG_LOAD",
  ),
  ...attacksOf("certificates", "bundle.pem", image(`dsl.caCertificates({ bundle: "./bundle.pem" })`), "E_FILES"),
  ...attacksOf("a program", "program", image(`dsl.elf({ files: ["./program"] })`), "E_ELF_NOT_FOUND"),
  ...attacksOf("the lock", "image.lock.json", image(`dsl.text("/a", "a")`), "E_LOCK_INVALID"),
];
