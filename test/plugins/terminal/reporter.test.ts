import * as assert from "uvu/assert";
import { digestOf, ImageDslError, type BuildEvent, type TextWriter } from "../../../core/index.ts";
import { follow, noActivity, statusLines } from "../../../plugins/terminal/activity.ts";
import { jsonReporter } from "../../../plugins/terminal/json-reporter.ts";
import { lineReporter } from "../../../plugins/terminal/line-reporter.ts";
import type { Output } from "../../../plugins/terminal/output.ts";
import { redacting } from "../../../plugins/terminal/redact.ts";
import { plainStatus, terminalStatus } from "../../../plugins/terminal/status.ts";
import { suite } from "../../harness.ts";

const test = suite("plugins/terminal");

function sink(columns?: number): Output & TextWriter & { text: string } {
  const output = {
    text: "",
    columns,
    write(piece: string) {
      output.text += piece;
    },
    finish: () => Promise.resolve(),
  };
  return output;
}

function lines({ quiet = false, verbose = false, colour = false } = {}) {
  const [errors, answers] = [sink(), sink()];
  const reporter = lineReporter({ quiet, verbose, explain: false, colour, status: plainStatus(errors), answers });
  return { reporter, errors, answers };
}

const digest = digestOf("x");
const output: BuildEvent = {
  type: "output",
  target: "a",
  destination: "rootfs:a.tar",
  message: "Wrote a.tar",
  digest,
  reference: "a:1",
};
const progress = (done: number): BuildEvent => ({ type: "progress", task: "fetch", done, total: 1000, unit: "items" });

test("what was made is the answer, the rest is talk", () => {
  const { reporter, errors, answers } = lines();
  reporter.event({ type: "stage", target: "a", stage: "collect", state: "started" });
  for (let i = 0; i < 1000; i++) reporter.event(progress(i));
  reporter.event({ type: "warning", code: "W_PLUGIN_TEST", message: "Odd", hint: "Mend it" });
  reporter.event({ type: "warning", code: "W_PLUGIN_TEST", message: "Odd", hint: "Mend it" });
  reporter.event(output);
  reporter.event({ ...output, destination: "digest" });
  reporter.close();
  assert.is(errors.text, "Warning: Odd\n  → Mend it\n");
  assert.is(answers.text, "✓ a:1: wrote a.tar\n");
});

test("long details are cut, unless --verbose", () => {
  const note: BuildEvent = {
    type: "note",
    message: "Scripts",
    detail: Array.from({ length: 12 }, (_, i) => `script ${i}`),
  };
  const [short, long] = [lines(), lines({ verbose: true })];
  short.reporter.event(note);
  long.reporter.event(note);
  assert.is(short.errors.text.split("\n").length, 1 + 10 + 1 + 1);
  assert.match(short.errors.text, /and 2 more \(--verbose shows them\)/);
  assert.is(long.errors.text.split("\n").length, 1 + 12 + 1);
});

test("quiet says errors only", () => {
  const { reporter, errors, answers } = lines({ quiet: true });
  reporter.event(output);
  reporter.event({ type: "warning", code: "W_PLUGIN_TEST", message: "Odd" });
  assert.is(errors.text + answers.text, "");
  reporter.error(new Error("Bad"));
  assert.match(errors.text, /^Error: Bad\n/);
});

test("an error is told with its place, what caused it, its mend and its code; the stack only with --verbose", () => {
  const cause = new Error("connect ECONNREFUSED");
  const error = new ImageDslError("E_NETWORK", "Cannot fetch Packages", {
    cause,
    hint: "Try again",
    place: { file: "/p/image.config.ts", line: 3, path: "images.a" },
  });
  const [short, long] = [lines(), lines({ verbose: true })];
  short.reporter.error(error);
  long.reporter.error(error);
  assert.equal(short.errors.text.split("\n"), [
    "Error: Cannot fetch Packages",
    "  at /p/image.config.ts:3, images.a",
    "  because connect ECONNREFUSED",
    "  → Try again",
    "  E_NETWORK",
    "",
  ]);
  assert.match(long.errors.text, /reporter\.test\.ts/);
  assert.not.match(short.errors.text, /reporter\.test\.ts/);
});

test("a cause that its wrapper already quotes is not repeated", () => {
  const { reporter, errors } = lines();
  reporter.error(new ImageDslError("E_STORE", "Cannot write: disk on fire", { cause: new Error("disk on fire") }));
  assert.not.match(errors.text, /because/);
});

test("passwords and signed links of URLs are never shown", () => {
  const cause = new Error('GET "http://joe:secret@mirror.example/a.deb?sig=secret" gave 403');
  const error = new ImageDslError("E_NETWORK", "Cannot fetch https://x.example/y?token=secret", { cause });
  const { reporter, errors } = lines({ verbose: true });
  const out = sink();
  reporter.error(error);
  jsonReporter(out).error(error);
  assert.not.match(errors.text + out.text, /secret|joe/);
  assert.match(errors.text, /http:\/\/…@mirror\.example\/a\.deb\?…" gave 403/);
});

test("nor are those of events, as lines or as JSON", () => {
  const url = "https://joe:secret@x.example/y?sig=secret";
  const events: BuildEvent[] = [
    { type: "warning", code: "W_PLUGIN_TEST", message: `Slow: ${url}`, hint: `Leave out ${url}` },
    { type: "note", message: `From ${url}`, detail: [`first ${url}`] },
    { type: "script-output", target: "a", script: "s", line: `curl ${url}` },
    { ...output, destination: `x:${url}`, message: `Put to ${url}` },
  ];
  const json = sink();
  const { reporter, errors, answers } = lines({ verbose: true });
  for (const each of [jsonReporter(json), reporter]) events.forEach((event) => redacting(each).event(event));
  const text = json.text + errors.text + answers.text;
  assert.not.match(text, /secret|joe/);
  // Twice each, and the destination is in the JSON only.
  assert.is(text.split("https://…@x.example/y?…").length - 1, 2 * 6 + 1);
});

const HOSTILE = "a\x1b[2J\x07\x7f\x9b31m\u202etxt.exe\u2066\r";

test("nothing of an event or an error reaches a terminal as a control character", () => {
  const { reporter, errors, answers } = lines({ verbose: true });
  const plan = { strategy: HOSTILE, groups: [] };
  for (const event of [
    { type: "warning", code: "W_PLUGIN_TEST", message: HOSTILE, hint: HOSTILE },
    { type: "note", message: HOSTILE, detail: [HOSTILE] },
    { type: "planned", target: HOSTILE, plan },
    { type: "script-output", target: HOSTILE, script: HOSTILE, line: HOSTILE },
    { type: "layer", target: HOSTILE, index: 0, size: 1, comment: HOSTILE, isKnown: false, changes: [HOSTILE] },
    { ...output, reference: HOSTILE, message: HOSTILE },
  ] as readonly BuildEvent[])
    reporter.event(event);
  const cause = new SyntaxError(`Unexpected token '${HOSTILE}'`);
  const place = { file: HOSTILE, path: HOSTILE };
  reporter.error(new ImageDslError("E_LOCK_INVALID", HOSTILE, { hint: HOSTILE, place, cause }));
  reporter.error(new Error(HOSTILE));
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
  assert.not.match(errors.text + answers.text, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  assert.match(errors.text, "Warning: a\\x1b[2J\\x07\\x7f\\x9b31m\\u{202e}txt.exe\\u{2066}\\x0d");
});

test("texts of any size are told by their ends, so that the reason stays", () => {
  const { reporter, errors } = lines();
  const path = "d/".repeat(256 * 1024);
  reporter.error(new ImageDslError("E_FILES", `Cannot read "${path}": it is a FIFO`));
  reporter.event({ type: "warning", code: "W_PLUGIN_TEST", message: "no such user\n".repeat(100_000) });
  assert.ok(errors.text.length < 10_000, `${errors.text.length} characters`);
  assert.match(errors.text, /^Error: Cannot read "d\/d\/.* … \(\d+ characters\) … .*d\/": it is a FIFO\n/);
});

test("colours are there when asked for and else not", () => {
  const [plain, coloured] = [lines(), lines({ colour: true })];
  for (const { reporter } of [plain, coloured]) reporter.error(new Error("Bad"));
  assert.not.ok(plain.errors.text.includes("\x1b["));
  assert.ok(coloured.errors.text.includes("\x1b["));
});

test("JSON is one event a line, errors too, without a flood of progress", () => {
  const out = sink();
  const reporter = jsonReporter(out);
  for (let i = 0; i <= 1000; i++) reporter.event(progress(i));
  reporter.event(output);
  reporter.error(new ImageDslError("E_FILES", "No files", { hint: "Add some" }));
  const events = out.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; done?: number });
  const seen = events.filter(({ type }) => type === "progress").map(({ done }) => done);
  assert.is(seen[0], 0);
  assert.is(seen.at(-1), 1000);
  assert.ok(seen.length < 50, `${seen.length} progress events`);
  assert.equal(events.at(-2), JSON.parse(JSON.stringify(output)));
  assert.equal(events.at(-1), { type: "error", code: "E_FILES", message: "No files", hint: "Add some", causes: [] });
});

test("on a terminal the lines under way are redrawn, stay within its width, and vanish at the end", async () => {
  const out = sink(20);
  const status = terminalStatus(out);
  status.show(() => ["one", "a line that is much longer than the terminal is wide"]);
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.is(out.text, "one\na line that is muc…\n");
  status.line("stays");
  assert.ok(out.text.endsWith("\x1b[2A\r\x1b[Jstays\none\na line that is muc…\n"));
  status.close();
  assert.ok(out.text.endsWith("\x1b[2A\r\x1b[J"));
  const before = out.text;
  for (let i = 0; i < 1000; i++) status.show(() => [String(i)]);
  assert.is(out.text, before, "drawing waits for the next frame");
  status.close();
});

test("of several targets it is told how many there are by now", () => {
  const activity = noActivity();
  const end = (target: string) => follow(activity, { type: "stage", target, stage: "image", state: "done" });
  follow(activity, { type: "build-started", targets: ["a", "b", "c"] });
  end("a");
  end("b");
  follow(activity, {
    type: "output",
    target: "a",
    destination: "d",
    digest,
    reference: "",
    message: "",
  });
  assert.equal(statusLines(activity), ["2 of 3 targets made, 1 written"]);
  follow(activity, { type: "build-started", targets: ["a"] });
  assert.equal(statusLines(activity), []);
});

test("a script that runs is shown with its time and its last line, and no longer once it is over", () => {
  const activity = noActivity();
  const script = { type: "script", target: "a", script: "fakeRootCommands" } as const;
  const say = (line: string) =>
    follow(activity, { type: "script-output", target: "a", script: "fakeRootCommands", line });
  follow(activity, { ...script, state: "started" });
  assert.equal(statusLines(activity), ["  fakeRootCommands, 0 s"]);
  for (const line of ["one", "  two", ""]) say(line);
  assert.equal(statusLines(activity), ["  fakeRootCommands, 0 s: two"]);
  follow(activity, { ...script, state: "done" });
  say("late");
  assert.equal(statusLines(activity), []);
});

test("a burst of saves is told once, and what is saved later anew", () => {
  const { reporter, errors } = lines();
  const changed = (...paths: readonly string[]): void => reporter.event({ type: "changed", paths });
  for (let save = 0; save < 10; save++) changed("/w/a");
  changed("/w/a", "/w/b");
  reporter.event({ type: "waiting", paths: 2 });
  changed("/w/a");
  const told = errors.text.split("\n").flatMap((line) => /^Changed: .*\/w\/(.*)$/.exec(line)?.[1] ?? []);
  assert.equal(told, ["a", "b", "a"]);
});

test("a cause that says no more than its error, but for the parser's kind and the place, is not told", () => {
  const { reporter, errors } = lines();
  const cause = new Error("ParseError: Unexpected token  \n /w/image.config.ts:3:6");
  const place = { file: "/w/image.config.ts", line: 3, column: 7 };
  reporter.error(
    new ImageDslError("E_CONFIG_LOAD", '"image.config.ts" cannot be read: Unexpected token', { cause, place }),
  );
  assert.equal(errors.text.match(/image\.config\.ts:\d/g), ["image.config.ts:3"]);
});

test.run();
