/** The bin: core's command line with the standard plugins. */
import { keepCompiledCode } from "../core/cli/compile-cache.ts";
import { runCli } from "../core/cli/main.ts";
import { ownExports } from "./own-exports.ts";

keepCompiledCode();
const status = await runCli(
  {
    exports: ownExports(),
    plugins: async () => (await import("./standard.ts")).standardPlugins,
    reporter: async (options) => (await import("./terminal/index.ts")).createReporter(options),
  },
  process.argv.slice(2),
);
// After Ctrl-C something may still be under way that would keep the process.
if (status === 130) process.exit(status);
// Not set on success: where another image-dsl took over, it has set its own.
if (status !== 0) process.exitCode = status;
