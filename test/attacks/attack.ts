/** One hostile input, how it has to end, and what holds of every one of them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, type ErrorCode } from "../../core/index.ts";
import { requireTool, tmp } from "../harness.ts";
import { CLI } from "../e2e/support.ts";

export interface Attack {
  /** What is tried. */
  readonly name: string;
  /** Writes the input into the project's folder; the file `secret` of the host lies beside that. */
  make(folder: string): void;
  /** The image: an expression of the config, which has imported all of image-dsl; in it `SECRET` is that file's path. */
  readonly image: string;
  readonly ends: Refused | Made;
}

/** An error with this code, in which all of this stands. */
export interface Refused {
  readonly code: ErrorCode;
  readonly says: readonly (string | RegExp)[];
}

/** The image is made; what is told has all of this in it. */
export interface Made {
  readonly told: readonly (string | RegExp)[];
  /** A text of one of its files. */
  readonly holds?: string;
}

/** Of an honest image, the least that a build takes. */
export interface Cost {
  /** Seconds of the processors. */
  readonly cpu: number;
  /** MiB, of the largest process. */
  readonly memory: number;
}

/** MiB. */
const MOST_MEMORY = 400;
/** Times what an honest input takes. */
const MOST_CPU = 20;
/** Characters of what is told. */
const MOST_TOLD = 6000;

const CANARY = "canary-3f1c9a52";

/** Runs an attack in a folder of its own, and asserts what holds of it and of all. `honest`: a build of what nobody minds. */
export function withstand(attack: Attack, honest: Cost): void {
  const { told, status, cost, folder, secret } = build(attack);
  const { name, ends } = attack;
  if ("code" in ends) {
    assert.is(status, new ImageDslError(ends.code, "").exitStatus, `${name}: ${told}`);
    assert.match(told, new RegExp(`^ {2}${ends.code}$`, "m"), `${name}: ${told}`);
  } else assert.is(status, 0, `${name}: ${told}`);
  for (const each of "code" in ends ? ends.says : ends.told) assert.match(told, each, `${name}: ${told}`);

  assert.ok(cost.memory < MOST_MEMORY, `${name}: ${cost.memory} MiB`);
  assert.ok(cost.cpu < MOST_CPU * honest.cpu, `${name}: ${cost.cpu} s, an honest one ${honest.cpu} s`);
  assert.ok(told.length < MOST_TOLD, `${name}: ${told.length} characters are told`);
  // oxlint-disable-next-line no-control-regex -- what a terminal would obey
  assert.not.match(told, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/, name);
  assert.not.match(told, CANARY, name);
  assert.is(readFileSync(secret, "utf8"), CANARY, name);
  const out = join(folder, "out.tar");
  assert.is(existsSync(out), status === 0, `${name}: half of an image`);
  if (!("code" in ends)) {
    const image = readFileSync(out);
    assert.not.ok(image.includes(CANARY), `${name}: a file of the host is in the image`);
    assert.ok(image.includes(ends.holds ?? ""), `${name}: ${ends.holds} is not in the image`);
  }
  assert.equal(readdirSync(join(folder, "../cache/tmp")), [], name);
}

/** Builds what is given into `out.tar`. */
export function build({ make, image }: Pick<Attack, "make" | "image">): {
  readonly status: number | null;
  /** Both of its streams. */
  readonly told: string;
  readonly cost: Cost;
  readonly folder: string;
  readonly secret: string;
} {
  const parent = tmp();
  const [folder, secret, figures] = ["project", "secret", "figures"].map((name) => join(parent, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [folder, join(parent, "cache/tmp")]) mkdirSync(each, { recursive: true, mode: 0o700 });
  writeFileSync(secret, CANARY);
  make(folder);
  writeFileSync(
    join(folder, "image.config.mjs"),
    `import * as dsl from "image-dsl";\nexport default ${image.replaceAll("SECRET", secret)};\n`,
  );
  const { status, stdout, stderr } = spawnSync(
    requireTool("time"),
    ["-q", "-o", figures, "-f", "%U %S %M", process.execPath, CLI, "build", "-o", "docker-archive:out.tar"],
    {
      cwd: folder,
      env: { ...process.env, IMAGE_DSL_CACHE: join(parent, "cache"), SECRET: CANARY },
      encoding: "utf8",
      timeout: 120_000,
    },
  );
  const [user, system, kilobytes] = readFileSync(figures, "utf8").trim().split(" ").map(Number) as [
    number,
    number,
    number,
  ];
  const cost = { cpu: user + system, memory: kilobytes / 1024 };
  return { status, told: stdout + stderr, cost, folder, secret };
}
