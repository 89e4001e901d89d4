// @timeout 240
/** What commands of a step can reach, with bubblewrap and without. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { runProgram } from "../../../core/index.ts";
import { files, step } from "../../../plugins/index.ts";
import { CLI, run, writeProject, type Ran } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { passesUnprivileged } from "../../core/run/script-fixture.ts";
import { runtime } from "../../../core/host.ts";
import { javaScriptCommand } from "../../../scripts/runtimes.ts";
import { buildSteps, failure, folderOf } from "./support.ts";

const test = suite("step/sandbox", { timeout: 100_000 });

let bwrap = "";
test.before(() => void (bwrap = requireTool("bwrap", "bash")));

test("there is no network: not the host's loopback, not a name", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.end("reached\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const reach = `if (cat < /dev/tcp/127.0.0.1/${port}) 2> /dev/null; then echo yes; else echo no; fi`;
  try {
    const rest = "sed -n 's/:.*//p' /proc/net/dev | tr -d ' '; if getent hosts example.org; then exit 9; fi";
    assert.equal((await buildSteps(step({ run: `${reach}; ${rest}` }), { store: tmp() })).lines, ["no", "lo"]);
    assert.is(connections, 0);
    // The same command can reach it from where there is a network.
    const signal = AbortSignal.timeout(10_000);
    assert.is((await runProgram("bash", ["-c", reach], { cwd: "/", env: {}, signal })).stdout, "reached\nyes\n");
  } finally {
    server.close();
  }
});

test("there are no other files: system directories, the inputs and out, and nothing that could be written but out", async () => {
  const directory = folderOf({ "src/a": "1", secret: "s" });
  const store = tmp();
  const asks = `
    for path in ${directory}/secret ${directory}/src/a ${store} ${import.meta.dirname} ${homedir()}/.bashrc /etc/shadow /etc/hostname /var /home /root /run /sys; do
      if test -e $path; then echo "sees $path"; fi
    done
    for path in /usr/x /bin/x /etc/x /etc/passwd /x /build/x /proc/x $inputs_src/x $inputs_src/a; do
      if (echo x >> $path) 2> /dev/null; then echo "writes $path"; fi
    done
    for command in "rm -f $inputs_src/a" "chmod 777 $inputs_src/a" "mount -t tmpfs none /build/inputs" "umount /usr"; do
      if $command 2> /dev/null; then echo "can $command"; fi
    done
    echo x | tee $out/x $TMPDIR/x $HOME/x /tmp/step-was-here > /dev/null
    ls -d /[a-z]*[a-z] | tr '\\n' ' '; echo
    ls -A /build/inputs /etc | tr '\\n' ' '; echo
    echo processes: $(ls -d /proc/[0-9]* | wc -l)`;
  const { lines, root } = await buildSteps(step({ inputs: { src: files("src") }, run: asks }), { store, directory });
  const [top, below, processes, ...others] = lines;
  assert.equal(others, []);
  assert.match(top!, /^\/bin \/build \/dev \/etc (\/lib\w* )+\/proc \/sbin \/tmp \/usr $/);
  assert.match(below!, /^\/build\/inputs: src {2}\/etc: (alternatives |group |hosts |ld\.so\.\S+ |passwd |ssl )+$/);
  assert.match(processes!, /^processes: [2-6]$/);
  assert.is(readFileSync(join(root, "x"), "utf8"), "x\n");
  assert.is(existsSync("/tmp/step-was-here"), false);
});

test("a child that is left behind ends with the step, and cannot write into what it made", async () => {
  const { root } = await buildSteps(
    step({ run: "echo 1 > $out/a; (setsid sh -c 'sleep 1; echo late > $out/a; sleep 600' > /dev/null 2>&1 &)" }),
    { store: tmp() },
  );
  assert.is(readFileSync(join(root, "a"), "utf8"), "1\n");
  assert.is(run(["pgrep", "-f", "echo late > .out"], { cwd: "/" }).status, 1);
});

test("the processes that it sees name neither the cache nor anything of the caller's", async () => {
  const store = join(tmp(), "the-cache");
  process.env["STEP_SECRET"] = "of-the-caller";
  // Written so that the command does not find itself.
  const look = `
    for place in /proc/[0-9]*; do
      for name in cmdline environ; do echo "$(tr '\\0' ' ' < $place/$name)"; done
      readlink $place/cwd $place/root $place/exe $place/fd/* || :
    done > $out/seen 2> /dev/null
    grep -c -e 'the-''cache' -e 'of-the-''caller' $out/seen || :`;
  const { lines, root } = await buildSteps(step({ run: look }), { store });
  assert.equal(lines, ["0"], readFileSync(join(root, "seen"), "utf8"));
  assert.match(readFileSync(join(root, "seen"), "utf8"), "bwrap --args 9 --");
});

const CONFIG = `import { buildLayeredImage, step } from "image-dsl";
const one = step({ name: "one", run: "echo sandbox: $(hostname | grep -c ^build$); echo 1 > $out/one; pwd > /dev/null" });
const two = step({
  name: "two",
  inputs: { one },
  run: async ({ $, inputs, out }) => {
    await $\`cp \${inputs.one}/one \${out}/two; mkdir -m 700 \${out}/d; pwd > $TMPDIR/here; test $PWD = $TMPDIR\`;
    await $\`if test $(id -u) != 0 && touch \${inputs.one}/x; then exit 9; fi\`;
  },
});
export default {
  images: { a: buildLayeredImage({ name: "a", contents: [one, two] }), b: buildLayeredImage({ name: "b", contents: [two] }) },
};
`;

interface Host {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the built CLI where bubblewrap cannot be found. */
  without(...args: string[]): Ran;
  /** Where it is found but may not work. */
  limited(...args: string[]): Ran;
  with(...args: string[]): Ran;
}

function host(): Host {
  const cwd = writeProject(tmp(), { "image.config.mjs": CONFIG });
  const bin = tmp();
  const refusal = "bwrap: No permissions to create a new namespace";
  writeFileSync(
    join(bin, "bwrap"),
    `#!/bin/sh\n[ "$1" != --version ] || exec ${bwrap} --version\necho "${refusal}" >&2\nexit 1\n`,
    { mode: 0o755 },
  );
  const env = { IMAGE_DSL_CACHE: tmp(), NO_COLOR: "1" };
  const { program, args: first } = javaScriptCommand(runtime());
  const command = (args: readonly string[]) => [program, ...first, CLI, ...args];
  const hiding = [bwrap, "--dev-bind", "/", "/", "--ro-bind", "/dev/null", bwrap, "--"];
  return {
    cwd,
    env,
    with: (...args) => run(command(args), { cwd, env }),
    without: (...args) => run([...hiding, ...command(args)], { cwd, env }),
    limited: (...args) => run(command(args), { cwd, env: { ...env, PATH: `${bin}:${process.env["PATH"]}` } }),
  };
}

const shown = ({ stdout, stderr }: Ran): string => `${stdout.toString()}${stderr}`;

const digestsIn = ({ stdout }: Ran): readonly string[] =>
  [...stdout.toString().matchAll(/"digest":"(\w+:\w+)"/g)].map(([, digest]) => digest!);

test("without bubblewrap: one warning a build that says what to do, and the build goes on; its kind is in the key", () => {
  const it = host();
  const sandboxed = it.with("build", "-o", "digest", "--json");
  assert.is(sandboxed.status, 0, shown(sandboxed));
  assert.match(shown(sandboxed), /"line":"sandbox: 1"/);
  assert.not.match(shown(sandboxed), /W_NO_SANDBOX/);

  const bare = it.without("build", "-o", "digest", "--json");
  assert.is(bare.status, 0, shown(bare));
  assert.match(shown(bare), /"line":"sandbox: 0"/);
  const warnings = shown(bare)
    .split("\n")
    .filter((line) => line.includes("W_NO_SANDBOX"));
  assert.is(warnings.length, 1, shown(bare));
  assert.match(warnings[0]!, /can reach the network and all your files: bubblewrap \(bwrap\) is not installed/);
  assert.match(warnings[0]!, /apt-get install bubblewrap/);
  assert.is(digestsIn(bare).length, 2);
  assert.equal(digestsIn(bare), digestsIn(sandboxed), "what they make is the same here");

  for (const each of [it.with, it.without]) {
    const again = each("build", "a", "-o", "digest", "--json");
    assert.not.match(shown(again), /script-output/);
  }
});

test("--require-sandbox: an error of build, stream and plan, with status 1; nothing ran", () => {
  const it = host();
  for (const command of [
    ["build", "-o", "digest"],
    ["stream", "a"],
    ["plan", "b"],
  ]) {
    const refused = it.without(...command, "--require-sandbox", "--verbose");
    assert.is(refused.status, 1, shown(refused));
    assert.match(
      refused.stderr,
      /Cannot run steps in a sandbox, which --require-sandbox wants: bubblewrap \(bwrap\) is not/,
    );
    assert.match(refused.stderr, /→ Install bubblewrap/);
    assert.match(refused.stderr, /E_SANDBOX/);
    assert.not.match(shown(refused), /sandbox: \d/);
    const allowed = it.with(...command, "--require-sandbox");
    assert.is(allowed.status, 0, shown(allowed));
  }
});

test("where bubblewrap may not work: what it said is in the warning, the error and doctor", () => {
  const it = host();
  const said = /bubblewrap does not work here \(bwrap: No permissions to create a new namespace\)/;
  const built = it.limited("build", "-o", "digest");
  assert.is(built.status, 0, shown(built));
  assert.match(built.stderr, said);
  assert.match(built.stderr, /user namespaces/);
  const refused = it.limited("build", "-o", "digest", "--require-sandbox");
  assert.is(refused.status, 1);
  assert.match(refused.stderr, said);

  const states = { with: "ok", limited: "limited", without: "missing" } as const;
  for (const [how, state] of Object.entries(states)) {
    const answer = it[how as keyof typeof states]("doctor", "--json");
    assert.is(answer.status, 0, shown(answer));
    const { checks } = JSON.parse(answer.stdout.toString()) as {
      checks: { name: string; state: string; detail: string; mend?: string }[];
    };
    const check = checks.find(({ name }) => name === "bubblewrap");
    assert.is(check?.state, state);
    assert.match(check!.detail, { ok: /^bubblewrap \d/, limited: said, missing: /not installed/ }[state]);
    assert.is(check!.mend === undefined, state === "ok");
  }
});

test("a program asks for it by an option", async () => {
  const path = process.env["PATH"];
  const bin = tmp();
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "bwrap"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  process.env["PATH"] = `${bin}:${path}`;
  try {
    const error = await failure(buildSteps(step({ run: "true" }), { store: tmp(), requireSandbox: true }));
    assert.is(error.code, "E_SANDBOX");
    assert.match(error.message, /it ended with 1/);
  } finally {
    process.env["PATH"] = path;
  }
});

if (process.getuid!() === 0 && process.env["UNPRIVILEGED_RUN"] === undefined) {
  test("all of this as an ordinary user", () => passesUnprivileged(fileURLToPath(import.meta.url)), {
    timeout: 115_000,
  });
}

test.run();
