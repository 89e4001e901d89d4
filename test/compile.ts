/** Modules that exist in memory only, compiled as strictly as our own code is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const PROJECT = join(import.meta.dirname, "..");

export interface CompileProblem {
  readonly file: string;
  /** Counted from 1, as columns are. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** All that is wrong with them, by their absolute paths. */
export function compileProblems(modules: ReadonlyMap<string, string>): readonly CompileProblem[] {
  const json: unknown = ts.readConfigFile(join(PROJECT, "tsconfig.json"), (file) => readFileSync(file, "utf8")).config;
  const { options } = ts.parseJsonConfigFileContent(json, { ...ts.sys, readDirectory: () => [] }, PROJECT);
  // An example may name what it does not use.
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile } = host;
  const isFolder = (folder: string) => [...modules.keys()].some((file) => file.startsWith(`${folder}/`));
  host.directoryExists = (folder) => isFolder(folder) || ts.sys.directoryExists(folder);
  host.fileExists = (file) => modules.has(file) || fileExists(file);
  host.readFile = (file) => modules.get(file) ?? readFile(file);
  const program = ts.createProgram([...modules.keys()], settings, host);
  return [...modules.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((problem) => {
      const { line, character } = source.getLineAndCharacterOfPosition(problem.start ?? 0);
      const message = ts.flattenDiagnosticMessageText(problem.messageText, " ");
      return { file, line: line + 1, column: character + 1, message };
    });
  });
}
