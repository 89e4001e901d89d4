/**
 * One way to the screen: what reaches stdout or stderr has been through core/model/screen-text.ts, in the reporter or in `printLines` and
 * `printJson`. So nobody else writes there; those who may are listed, each with what it writes.
 */
import ts from "typescript";
import { type Problem, type SourceFile, problemAt, visitNodes } from "./source-file.ts";

const WRITERS: Readonly<Record<string, string>> = {
  "core/cli/ask.ts": "questions of ours",
  "core/cli/init-command.ts": "the list of templates of ours",
  "core/cli/keep-stdout.ts": "what the config's own code prints, as it is",
  "core/cli/stdout.ts": "what has been through it, and archives",
  "core/cli/text-writer.ts": "what reporters give it",
  "core/run/remote/runner.ts": "an error, which who started it on another machine shows by screenText",
  "plugins/apps/build/run-script.ts": "a text in a build step, whose lines are events",
  "plugins/docker-archive/plugin.ts": "an archive",
  "plugins/terminal/reporter.ts": "the reporter",
};
const FUNCTIONS = new Set(["textWriter", "writeToStdout"]);
/** Of a stream: what is only looked at. */
const LOOKS = new Set(["isTTY", "columns"]);
const MEND =
  "tell it as an event, or print it by printLines or printJson; else say in scripts/lint/way-to-screen.ts what it writes";

export function checkWayToScreen(file: SourceFile): readonly Problem[] {
  if (!/^(core|plugins)\//.test(file.path) || Object.hasOwn(WRITERS, file.path)) return [];
  const problems: Problem[] = [];
  visitNodes(file, (node) => {
    const what = writes(node);
    if (what !== undefined)
      problems.push(problemAt(file, node, `${what} goes past the one way to the screen; ${MEND}`));
  });
  return problems;
}

function writes(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression))
    return FUNCTIONS.has(node.expression.text) ? node.expression.text : undefined;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const text = node.getText();
  if (/^console\.(log|error|warn|info|debug|trace|dir|table)$/.test(text)) return text;
  if (text !== "process.stdout" && text !== "process.stderr") return undefined;
  const { parent } = node;
  return ts.isPropertyAccessExpression(parent) && LOOKS.has(parent.name.text) ? undefined : text;
}
