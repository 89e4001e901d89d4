/** `image-dsl cache`: what lies in the store, whether it is sound, and room in it. */
import type { Argv, CommandModule, Options } from "yargs";
import type { CommandContext } from "./run-command.ts";
import type { Program } from "./program.ts";

/** What `gc` leaves, unless it is told otherwise. */
const DEFAULT_SIZE = "20GB";

const verbose = { type: "boolean", describe: "Stacks of errors" } as const;
const json = { type: "boolean", describe: "Say it in JSON" } as const;
const maxSize = {
  type: "string",
  requiresArg: true,
  default: DEFAULT_SIZE,
  describe: "How much to leave: 10GB, 500MiB, 0",
} as const;

interface Arguments {
  readonly json: boolean | undefined;
  readonly verbose: boolean | undefined;
  readonly "max-size": string | undefined;
}

type Work = (directory: string, given: Arguments, context: CommandContext) => Promise<void>;

export function cacheCommand(program: Program, ended: (status: Promise<number>) => void): CommandModule {
  const command = (name: string, describe: string, options: Readonly<Record<string, Options>>, work: Work) =>
    ({
      command: name,
      describe,
      builder: (yargs) => yargs.options({ ...options, verbose }) as Argv<Arguments>,
      handler: (given) => ended(inStore(program, given, work)),
    }) satisfies CommandModule<object, Arguments>;
  return {
    command: "cache",
    describe: "Look at the cache, check it, free space in it",
    builder: (yargs) =>
      yargs
        .command(command("dir", "Print where the cache is", {}, printDirectory))
        .command(command("ls", "List what is in the cache, by kind", { json }, printList))
        .command(
          command("verify", "Read all of the cache, remove what is corrupt; status 1 if any was", { json }, verify),
        )
        .command(
          command(
            "gc",
            "Remove what was not used for longest, unpacked packages first",
            { "max-size": maxSize },
            collect,
          ),
        )
        .command(command("clear", "Remove all that no running build may use", {}, clear))
        .command(keygenCommand(program, ended))
        .demandCommand(1, "A command for the cache is missing")
        .example("$0 cache gc --max-size 5GB", "leave at most 5 GB"),
    handler: () => {},
  };
}

function keygenCommand(program: Program, ended: (status: Promise<number>) => void) {
  return {
    command: "keygen <file>",
    describe: "Make the keys of a shared cache: the private one into FILE, the public one on stdout",
    builder: (yargs) =>
      yargs
        .positional("file", {
          type: "string",
          demandOption: true,
          describe: "Where the private key goes; no file may be there",
        })
        .options({ verbose }),
    handler: (given) => ended(keygen(program, given)),
  } satisfies CommandModule<object, { readonly file: string; readonly verbose: boolean | undefined }>;
}

async function keygen(
  program: Program,
  { file, verbose = false }: { readonly file: string; readonly verbose: boolean | undefined },
): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  return runCommand(program, { mode: "lines", eventsTo: "stderr", verbose }, async () => {
    const { writeKeyPair } = await import("./write-key-pair.ts");
    const { printLines } = await import("./stdout.ts");
    await printLines(`${await writeKeyPair(file)}\n`);
  });
}

async function inStore(program: Program, given: Arguments, work: Work): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const options = { mode: "lines", eventsTo: "stderr", verbose: given.verbose ?? false } as const;
  return runCommand(program, options, async (context) => {
    const { storeDirectory } = await import("../store/location.ts");
    await work(storeDirectory(), given, context);
  });
}

async function printDirectory(directory: string): Promise<void> {
  const { printLines } = await import("./stdout.ts");
  await printLines(`${directory}\n`);
}

async function printList(directory: string, { json: isJson }: Arguments): Promise<void> {
  const { listStore } = await import("../store/inventory.ts");
  const { printJson, printLines } = await import("./stdout.ts");
  const kinds = new Map<string, { files: number; bytes: number }>();
  const total = { files: 0, bytes: 0 };
  for (const { kind, size } of listStore(directory)) {
    const sum = kinds.get(kind) ?? { files: 0, bytes: 0 };
    kinds.set(kind, sum);
    for (const each of [sum, total]) {
      each.files++;
      each.bytes += size;
    }
  }
  const list = { directory, kinds: Object.fromEntries(kinds), total };
  await (isJson ? printJson(list) : printLines(await listText(kinds, total)));
}

async function listText(
  kinds: ReadonlyMap<string, { readonly files: number; readonly bytes: number }>,
  total: { readonly files: number; readonly bytes: number },
): Promise<string> {
  const { sizeText } = await import("./size-text.ts");
  const { alignColumns } = await import("./table.ts");
  const rows = [...kinds, ["total", total] as const].map(([kind, { files, bytes }]) => [
    kind,
    files === 1 ? "1 file " : `${files} files`,
    sizeText(bytes),
  ]);
  return `${alignColumns(rows, [1, 2]).join("\n")}\n`;
}

async function verify(
  directory: string,
  { json: isJson }: Arguments,
  { reporter, signal }: CommandContext,
): Promise<void> {
  const { verifyStore } = await import("../store/verify-store.ts");
  const { ImageDslError } = await import("../error.ts");
  const { sizeText } = await import("./size-text.ts");
  const { printJson, printLines } = await import("./stdout.ts");
  const found = await verifyStore(directory, signal, (done, total) =>
    reporter.event({ type: "progress", task: "Reading the cache", done, total, unit: "bytes" }),
  );
  const { files, bytes, corrupt } = found;
  const lines = [
    ...corrupt.map((file) => `Removed, as it is not what was written: ${file}`),
    `Read ${filesText(files)}, ${sizeText(bytes)}: ${corrupt.length === 0 ? "all are whole" : `${corrupt.length} were corrupt`}`,
  ];
  await (isJson ? printJson({ directory, ...found }) : printLines(`${lines.join("\n")}\n`));
  if (corrupt.length > 0) {
    throw new ImageDslError(
      "E_STORE",
      `The cache ${directory} held ${filesText(corrupt.length)} that are not what was written`,
      {
        hint: "They are removed, and made or fetched again when needed; see whether the disk is sound",
      },
    );
  }
}

async function collect(directory: string, given: Arguments, context: CommandContext): Promise<void> {
  const { readSize } = await import("./read-size.ts");
  await shrink(directory, readSize("max-size", given["max-size"] ?? DEFAULT_SIZE), context);
}

function clear(directory: string, _: Arguments, context: CommandContext): Promise<void> {
  return shrink(directory, 0, context);
}

async function shrink(directory: string, size: number, { reporter, signal }: CommandContext): Promise<void> {
  const { collectGarbage } = await import("../store/collect-garbage.ts");
  const { sizeText } = await import("./size-text.ts");
  const { printLines } = await import("./stdout.ts");
  const { files, bytes, workDirectories, left, isSpared } = await collectGarbage(directory, size, signal);
  const work = workDirectories > 0 ? `, and what ${workDirectories} ended builds left` : "";
  await printLines(`Removed ${filesText(files)}${work}: ${sizeText(bytes)} freed, ${sizeText(left)} left\n`);
  if (isSpared) {
    reporter.event({ type: "note", message: "Builds are running; what they may use was spared" });
  }
}

function filesText(count: number): string {
  return count === 1 ? "1 file" : `${count} files`;
}
