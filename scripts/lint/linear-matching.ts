/**
 * Regular expressions whose time grows faster than the text that they look at: somebody else's text could hold a build up with
 * them. Those of which it is known why it does not matter are listed, each with its reason; so are those that are put together from parts.
 */
import { analyse } from "scslre";
import ts from "typescript";
import { ambiguousAlternatives } from "./ambiguous-alternatives.ts";
import { type Problem, type SourceFile, problemAt, visitNodes } from "./source-file.ts";

/** By the file, then by the expression. */
const HARMLESS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "core/cli/project/detected-app.ts": { "/^[._-]+|[._-]+$/g": "the name of the user's own project" },
  "core/cli/project/frameworks.ts": {
    "/^(?!\\s*(?:\\/\\/|\\/?\\*)).*\\boutput\\s*:\\s*[\"'`]standalone[\"'`]/m":
      "a config file of the user's own project",
  },
  "core/cli/templates.ts": {
    "/^#\\s*(?:__NAME__:\\s*)?(.*)$/m": "a template of ours",
    "/\\s+#.*$/": "a template of ours",
    "/^[._-]+|[._-]+$/g": "the name of the folder that is made",
  },
  "core/http/proxy.ts": {
    "/^(\\[[^\\]]*\\]|[^:]*|.*:.*:.*?)(?::([0-9]+))?$/": "a word of the environment's NO_PROXY",
  },
  "core/run/faked-session.ts": { "/libfakeroot(-[a-z]+)?[^/]*\\.so/": "the path of a library of the host" },
  "core/run/names/preload.ts": {
    "/^(?:-|-\\w*i\\w*|--ignore-environment)$/": "a word of the user's own script",
  },
  "core/source-place.ts": { "/[\\w$]*$/": "the user's own source, of 4 MiB at most" },
  "plugins/checks/interpreter.ts": {
    "/^[ \\t]*([^ \\t\\0]*)[ \\t]*([^\\0]*?)[ \\t]*(?:\\0|$)/": "256 bytes",
    "/^(?:-S|--split-string=?)[ \\t]*(.*)$/": "a part of these 256 bytes",
  },
  "plugins/daemons/doctor.ts": { "/\\d+\\.\\d+\\S*/": "what a program of the host says of its version" },
  "plugins/debian/scripts/awk/values.ts": { "/\\.?0+$/": "a number that was just written" },
  "plugins/files/ignore/git-pattern.ts": { "/\\\\*$/": "a line of the user's own ignore file" },
  "plugins/image/duration.ts": { "/(\\d+(?:\\.\\d+)?)(ms|s|m|h)/g": "a text of the config" },
  "plugins/namespace/refusals.ts": {
    "/^\\d+ +((\\w+)\\(.*) += -1 (E\\w+)/": "a line of strace, which shortens texts",
  },
  "plugins/npm/layout/shims.ts": {
    "/^(?:\\/usr\\/bin\\/env(?:[ \\t]+-S)?)?[ \\t]*([^ \\t]+)(.*)$/": "4 KiB",
    "/\\r*\\n/": "4 KiB",
  },
  "plugins/registry/authorization/credentials/credential.ts": { "/\\0+$/": "the user's own login" },
};

/** Expressions that are put together, whose time cannot be seen here: how many a file has, and what goes into them. */
const PUT_TOGETHER: Readonly<Record<string, readonly [count: number, why: string]>> = {
  "core/cli/project/build-output.ts": [1, "names of ours, before the user's own tsconfig.json"],
  "core/key-offset.ts": [1, "a name of the user's own config, before that config"],
  "core/model/reference.ts": [2, "constants"],
  "core/run/names/namespace.ts": [1, "constants"],
  "core/run/strays.ts": [1, "a number"],
  "core/store/temporary-names.ts": [1, "constants"],
  "plugins/debian/scripts/commands/adduser.ts": [1, "constants"],
  "plugins/debian/scripts/commands/sgml-catalogs.ts": [1, "a path, in which the dot alone is special: nothing repeats"],
  "plugins/debian/scripts/commands/update-locale.ts": [1, "a name of letters, digits and _"],
  "plugins/debian/scripts/commands/web-server-links.ts": [1, "a name of ours"],
  "plugins/debian/scripts/dpkg-stanza.ts": [1, "a field's name of ours"],
  "plugins/nix/references.ts": [1, "constants"],
  "plugins/nix/store-path.ts": [1, "constants"],
  "plugins/npm/locks/yarn-classic/lock-file.ts": [3, "constants"],
  "plugins/registry/authorization/challenge.ts": [3, "constants"],
  "plugins/registry/reference.ts": [1, "constants"],
  "plugins/registry/trust/certs-d.ts": [1, "a word of ours"],
  "plugins/vm/result/end-record.ts": [1, "a mark of ours"],
  "plugins/vm/result/failure.ts": [1, "constants"],
};

/** Without one of these, and with alternatives that the first character decides between, the time is that of the expression's length for each character. */
const REPEATS = /[*+]|\{\d+,\}/;

export function checkLinearMatching(file: SourceFile): readonly Problem[] {
  if (!/^(core|plugins)\//.test(file.path)) return [];
  const harmless = new Map(Object.entries(HARMLESS[file.path] ?? {}));
  const problems: Problem[] = [];
  const [allowed] = PUT_TOGETHER[file.path] ?? [0];
  let putTogether = 0;
  visitNodes(file, (node) => {
    if (makesExpression(node) && ++putTogether > allowed) problems.push(problemAt(file, node, UNSEEN));
    if (!ts.isRegularExpressionLiteral(node) || harmless.delete(node.text)) return;
    const fault = growthOf(node.text);
    if (fault !== undefined) problems.push(problemAt(file, node, fault));
  });
  const stale = [...harmless.keys()].map((text) => ({
    path: file.path,
    line: 1,
    message: `${text} is no longer there; take it out of scripts/lint/linear-matching.ts`,
  }));
  if (putTogether < allowed) stale.push({ path: file.path, line: 1, message: FEWER });
  return [...problems, ...stale];
}

const UNSEEN =
  "an expression that is put together is not seen to be linear; write it as a literal, or say in scripts/lint/linear-matching.ts what goes into it";
const FEWER = "fewer expressions are put together than scripts/lint/linear-matching.ts says; take them out there";

/** `new RegExp(…)`, and without `new`. */
function makesExpression(node: ts.Node): boolean {
  return (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp";
}

function growthOf(literal: string): string | undefined {
  const end = literal.lastIndexOf("/");
  const [source, flags] = [literal.slice(1, end), literal.slice(end + 1)];
  const ambiguous = ambiguousAlternatives(source, flags);
  if (ambiguous !== undefined) {
    return `${literal} repeats ${ambiguous}, of which two alternatives may begin alike; write them so that the first character decides, or say in scripts/lint/linear-matching.ts why it does not matter`;
  }
  if (!REPEATS.test(source)) return undefined;
  // It does not see alternatives that match the same.
  const { reports } = analyse(
    { source, flags },
    { maxReports: 1, reportTypes: { Move: true, Self: true, Trade: true } },
  );
  const [first] = reports;
  if (first === undefined) return undefined;
  const how = first.exponential ? "exponentially" : "with the square of the text";
  return `${literal} takes time that grows ${how}; write it without what can match in two ways, or say in scripts/lint/linear-matching.ts why it does not matter`;
}
