// @runtimes node
/** The command line as people type it by habit: short options, help, a tag alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { CLI, cli, must, runCli, writeProject } from "./support.ts";

const test = suite("e2e/command-line", { timeout: 60_000 });

const env = { IMAGE_DSL_CACHE: tmp() };
const cwd = writeProject(tmp(), {
  "other.config.ts": `import { image, text } from "image-dsl";
export default {
  one: image({ name: "team/one", contents: text("/a", "1") }),
  two: image({ name: "two", contents: text("/a", "2") }),
};\n`,
});
const typed = (...args: string[]): string => cli(args, { cwd, env }).toString();

test("help is shown where nothing is asked for, by -h, and of a command by help", () => {
  const whole = typed("--help");
  assert.match(whole, "image-dsl build [targets..]");
  assert.is(typed(), whole);
  assert.is(typed("-h"), whole);
  assert.is(typed("help"), whole);
  const build = typed("build", "--help");
  assert.match(build, "docker-archive:PATH[:NAME:TAG]");
  assert.is(typed("build", "-h"), build);
  assert.is(typed("help", "build"), build);
  assert.is(typed("-V"), typed("--version"));
  const { status, stderr } = runCli(["help", "bild"], { cwd, env });
  assert.is(status, 2);
  assert.match(stderr, "Did you mean build?");
});

test.before(() => {
  writeProject(cwd, { "bin/image-dsl": `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n` });
  chmodSync(join(cwd, "bin/image-dsl"), 0o755);
});

test("bash completes commands and options by what completion prints", () => {
  requireTool("bash");
  const completed = (...line: string[]): string =>
    must(
      [
        "bash",
        "-c",
        `PATH=$PWD/bin:$PATH; eval "$(image-dsl completion)"
         COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _image-dsl_yargs_completions; echo "\${COMPREPLY[@]}"`,
        "bash",
        ...line,
      ],
      { cwd, env: { ...env, SHELL: "/bin/bash" } },
    ).toString();
  assert.is(completed("image-dsl", "pl"), "plan\n");
  assert.is(completed("image-dsl", "build", "--comp"), "--compression\n");
});

test("fish completes them too, with what each is for", () => {
  requireTool("fish");
  const completed = (line: string): string =>
    must(["fish", "-c", `image-dsl completion | source; complete -C '${line}'`], {
      cwd,
      env: { ...env, SHELL: "/usr/bin/fish", PATH: `${cwd}/bin:${process.env["PATH"]}` },
    }).toString();
  assert.match(completed("image-dsl pl"), /^plan\tShow the layers/);
  assert.match(completed("image-dsl build --comp"), /^--compression\t/);
});

test("what was mistyped is looked for among what the command itself has", () => {
  const hints = {
    "build --ouput x": "Did you mean --output?",
    "build -ooci:x": "Did you mean -o oci:x?",
    "build --list": "image-dsl init has such an option; image-dsl build --help shows what there is",
    "init --push": "image-dsl build has such an option; image-dsl init --help shows what there is",
    "cache gx": "Did you mean gc?",
    "cache gc --maxsize 3": "Did you mean --max-size?",
    bild: "Did you mean build?",
  };
  for (const [words, hint] of Object.entries(hints)) {
    const { status, stderr } = runCli(words.split(" "), { cwd, env });
    assert.is(status, 2, words);
    assert.match(stderr, `→ ${hint}`);
  }
});

test("cache clear leaves nothing", () => {
  const own = { IMAGE_DSL_CACHE: tmp() };
  cli(["build", "-c", "other.config.ts", "-q", "-o", "digest"], { cwd, env: own });
  assert.match(cli(["cache", "clear"], { cwd, env: own }).toString(), /^Removed [0-9]+ files: .* freed, 0 B left\n$/);
  assert.match(cli(["cache", "ls"], { cwd, env: own }).toString(), /^total +0 files +0 B\n$/);
});

/** Answers each question once it is asked, on a terminal; gives the exit status. */
async function answering(folder: string, answers: readonly (readonly [question: string, answer: string])[]) {
  requireTool("script");
  const command = `'${process.execPath}' '${CLI}' init`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const left = [...answers];
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const [next] = left;
    if (next === undefined || !said.includes(next[0])) return;
    said = "";
    left.shift();
    child.stdin.write(next[1]);
  });
  const [status] = (await once(child, "close")) as [number];
  assert.equal(left, [], "all were asked");
  return status;
}

test("init asks for what it is not told, where somebody is there to answer", async () => {
  const folder = tmp();
  const status = await answering(folder, [
    ["Which template? (node-app)", "none\n"],
    ["Which template? (node-app)", "static-site\n"],
    ["Into which folder? (static-site)", "\n"],
  ]);
  assert.is(status, 0);
  assert.ok(existsSync(join(folder, "static-site", "image.config.ts")));
  assert.is(await answering(folder, [["Which template? (node-app)", "\x03"]]), 130);
  const { status: alone, stderr } = runCli(["init"], { cwd: folder, env });
  assert.is(alone, 2);
  assert.match(stderr, "init needs the name of a template");
});

test("short options mean what the long ones do", () => {
  const long = typed("build", "--config", "other.config.ts", "--quiet", "--jobs", "1", "--output", "digest");
  assert.match(long, /^(sha256:[0-9a-f]{64}\n){2}$/);
  assert.is(typed("build", "-c", "other.config.ts", "-q", "-j", "1", "-o", "digest"), long);
  assert.is(runCli(["build", "-v", "-q", "-c", "other.config.ts"], { cwd, env }).status, 2);
});

const namesIn = (archive: string): unknown => {
  const manifest = must(["tar", "xOf", archive, "manifest.json"], { cwd }).toString();
  return (JSON.parse(manifest) as { RepoTags: string[] }[]).flatMap(({ RepoTags }) => RepoTags);
};

test("a tag alone keeps each image's name", () => {
  typed("build", "-c", "other.config.ts", "-t", ":1.2", "-o", "docker-archive:{target}.tar");
  assert.equal(namesIn("one.tar"), ["team/one:1.2"]);
  assert.equal(namesIn("two.tar"), ["two:1.2"]);
  typed("build", "one", "-c", "other.config.ts", "-t", ":1.2", "-t", "x:3", "-t", ":4", "-o", "docker-archive:one.tar");
  assert.equal(namesIn("one.tar"), ["team/one:1.2", "x:3", "team/one:4"]);
  for (const [tag, said] of [
    [":", '":" is no NAME:TAG and no :TAG'],
    [":a b", "is no NAME:TAG"],
    ["x:1", "One tag cannot name 2 images (team/one, two)"],
  ] as const) {
    const { status, stderr } = runCli(["build", "-c", "other.config.ts", "-t", tag, "-o", "digest"], { cwd, env });
    assert.is(status, 2);
    assert.match(stderr, said);
  }
});

/** What is typed or written wrong, and all that is said of it; the config is of one image. */
const WRONG: readonly (readonly [typed: string, config: string, status: number, ...said: string[]])[] = [
  ["build -c a.config.ts -c b.config.ts", "", 2, "--config is given more than once"],
  ["build -j zero", "", 2, '--jobs "zero" is no whole number of 1 or more'],
  ["plan -j 0.5", "", 2, '--jobs "0.5" is no whole number of 1 or more'],
  ["build -o digest -c a.config.ts -- b", "", 2, '"b"'],
  ["build -c a.config.ts -- -o", "", 2, '"./-o"'],
  ["build -odigest", "", 2, "Did you mean -o digest?"],
  ["build -o rootfs:{tagret}", "", 2, "has {tagret}, which stands for nothing", "Did you mean {target}?"],
  [
    "build -o digest",
    "contents: files('.', { filter: () => { throw new Error('boom') } })",
    1,
    'files("."): its filter failed for',
    "boom",
  ],
  [
    "build -o digest",
    "contents: archive('https://example.org/x.tar')",
    2,
    "contents.file: is an address: write archive({ url:",
  ],
  ["build -o digest", "contents: text.nothing.at.all", 2, "a.config.ts:2", "Cannot read properties of undefined"],
  ["build -o digest", "contents: image.txet('/a')", 2, "a.config.ts:2"],
];

for (const [words, config, status, ...said] of WRONG) {
  test(`${words} of { ${config} }: ${said[0]}`, () => {
    const folder = writeProject(tmp(), {
      "a.config.ts": `import { archive, files, image, text } from "image-dsl";
export default () => image({ name: "a", ${config} });\n`,
      "b.config.ts": "",
    });
    const args = words.includes("-c") ? words.split(" ") : [...words.split(" "), "--config", "a.config.ts"];
    const ran = runCli(args, { cwd: folder, env });
    assert.is(ran.status, status, ran.stderr);
    for (const each of said) assert.ok(ran.stderr.includes(each), ran.stderr);
    assert.not.match(ran.stderr, "fault of image-dsl");
  });
}

test("an --arg that nothing reads is told, with the nearest name that was asked for", () => {
  const folder = writeProject(tmp(), {
    "read.config.ts": `import { image, text } from "image-dsl";
export default ({ args }) => image({ name: "a", contents: text("/a", args.version ?? "none") });\n`,
    "all.config.ts": `import { image, text } from "image-dsl";
export default ({ args }) => image({ name: "a", contents: text("/a", JSON.stringify(args)) });\n`,
  });
  const build = (...args: string[]) => runCli(["build", "-o", "digest", ...args], { cwd: folder, env });
  const misspelt = build("-c", "read.config.ts", "--arg", "verison=2");
  assert.is(misspelt.status, 0);
  assert.match(misspelt.stderr, /Nothing in the config asked for --arg verison\n.*Did you mean --arg version=…\?/);
  assert.not.match(build("-c", "read.config.ts", "--arg", "version=2").stderr, "asked for");
  assert.not.match(build("-c", "all.config.ts", "--arg", "other=2").stderr, "asked for");
});

test("a name that image-dsl does not export: the nearest one, when the config is loaded and when images are asked for", () => {
  for (const value of ["imgae({ name: 'a' })", "() => imgae({ name: 'a' })"]) {
    const folder = writeProject(tmp(), {
      "image.config.ts": `import { imgae } from "image-dsl";\nexport default ${value};\n`,
    });
    const { status, stderr } = runCli(["build", "-o", "digest"], { cwd: folder, env });
    assert.is(status, 2);
    assert.match(stderr, 'image-dsl has no export "imgae"; did you mean "image"?');
  }
});

test.run();
