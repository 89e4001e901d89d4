/** `debian({ debconf })`: what users answer is what scripts are answered, and what nobody asks is refused. */
// @runtimes node
import * as assert from "uvu/assert";
import { FileTree, ImageDslError } from "../../../core/index.ts";
import { answersFor } from "../../../plugins/debian/answers.ts";
import type { Answers } from "../../../plugins/debian/scripts/debconf.ts";
import { atOnce } from "../../../core/tree/turns.ts";
import { evaluateScripts } from "../../../plugins/debian/scripts/evaluate.ts";
import { suite } from "../../harness.ts";
import { BASE, packageOf, refusal, textOf, treeOf } from "./scripts/support.ts";

const test = suite("debian/answers");

const templates = `Template: thing/kind
Type: select
Choices: none, site, local only
Default: site

Template: thing/name
Type: string
Default: somebody

Template: thing/runs
Type: boolean
Default: true
`;
const postinst = `#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_get thing/kind; A="$RET"
db_get thing/name; B="$RET"
db_fget thing/kind seen
echo "$A|$B|$RET" > /etc/answers
`.replaceAll("; ", "\n");

function configure(answers: Answers, config: string) {
  const packages = [packageOf("thing", { postinst, templates, config })];
  const tree = FileTree.of([...treeOf(BASE), ...treeOf({ etc: null })]);
  const taken = answersFor([answers], packages);
  return atOnce(evaluateScripts({ tree, packages, architecture: "amd64", suite: "bookworm", answers: taken }));
}

const SH = `#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_fget thing/name seen
[ "$RET" = true ] || db_set thing/name "of this machine"
`;
const PERL = "#!/usr/bin/perl -w\nuse Debconf::Client::ConfModule qw(:all);\n";

test("scripts get the user's answers, and their config scripts see that the question was answered", () => {
  assert.is(textOf(configure({}, SH), "etc/answers"), "site|of this machine|false\n");
  const answers = { "thing/kind": "local only", "thing/name": "Käthe" };
  const result = configure(answers, SH);
  assert.is(textOf(result, "etc/answers"), Buffer.from("local only|Käthe|true\n").toString("latin1"));
});

test("a config script that is no shell script counts as run once a question of its package is answered", () => {
  assert.match(refusal(configure({}, PERL))!, /config is not written for sh/);
  assert.is(textOf(configure({ "thing/kind": "none" }, PERL), "etc/answers"), "none|somebody|true\n");
});

test("an answer that nobody asks for, or that the question does not take, is an error", () => {
  const packages = [packageOf("thing", { templates }), packageOf("other", { templates: "no templates" })];
  const wrong: readonly (readonly [Answers, RegExp, string])[] = [
    [{ "thing/kinds": "none" }, /question thing\/kinds$/, "Did you mean thing/kind?"],
    [
      { "thing/kind": "nothing" },
      /thing\/kind does not take the answer "nothing"/,
      'It takes "none", "site", "local only"',
    ],
    [{ "thing/runs": "yes" }, /thing\/runs does not take/, 'It takes "true", "false"'],
  ];
  for (const [answers, message, hint] of wrong) {
    const error = refusalOf([answers], packages);
    assert.is(error.code, "E_DEBIAN_DEBCONF");
    assert.match(error.message, message);
    assert.is(error.hint, hint);
  }
  assert.match(
    refusalOf([{ "thing/name": "a" }, { "thing/name": "b" }], packages).message,
    /Two sources answer thing\/name/,
  );
  assert.equal(answersFor([{ "thing/name": "a" }, {}, { "thing/name": "a", "thing/runs": "false" }], packages), {
    "thing/name": "a",
    "thing/runs": "false",
  });
});

function refusalOf(...given: Parameters<typeof answersFor>): ImageDslError {
  try {
    answersFor(...given);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
  }
  throw new Error("Nothing was refused");
}

test.run();
