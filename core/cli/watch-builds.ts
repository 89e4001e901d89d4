/** `build --watch`: a build after each save, and the command that is to run beside us with what the last one made. */
import { lockFileOf } from "../engine/lock-place.ts";
import type { FoundPins } from "../lock/found-pins.ts";
import { displayBytes } from "../model/bytes.ts";
import type { BuildEvent } from "../model/event.ts";
import { hostPath } from "../tree/host.ts";
import { buildOnChange } from "../watch/build-on-change.ts";
import { buildOnce } from "./build-once.ts";
import { runWithConfigs } from "./open-config.ts";
import type { BuildArguments } from "./options.ts";
import type { Program, ReporterOptions } from "./program.ts";
import { watchedCommand } from "./watched-command.ts";

/** Gives the exit status: 130 once a signal ended it, another where it never began. */
export function watchBuilds(program: Program, reporting: ReporterOptions, given: BuildArguments): Promise<number> {
  return runWithConfigs(program, reporting, given, async ({ reporter, signal }, open) => {
    const onEvent = reporter.event;
    const command = watchedCommand(given.exec, { output: given.json ? "stderr" : "stdout", tell: onEvent });
    // What the builds sought that changes have ended since the last one that was whole.
    const found: FoundPins = new Map();
    try {
      await buildOnChange(
        {
          async build(reads, overtaken) {
            const config = await open(reads);
            try {
              return await buildOnce(config, given, {
                signal,
                overtaken: { signal: overtaken, found },
                onEvent,
                reads,
              });
            } finally {
              // Written by the build itself, so it is what it says from now on that counts.
              reads.path(hostPath(lockFileOf(config.graph)));
            }
          },
          built: (results) => command.restart(results),
          failed: (error) => reporter.error(error),
          changed: (paths) => onEvent({ type: "changed", paths: paths.map(displayBytes) }),
          waiting({ paths, limit }) {
            found.clear();
            if (limit !== undefined) onEvent(limited(limit));
            onEvent({ type: "waiting", paths });
          },
        },
        signal,
      );
    } finally {
      await command.stop();
    }
  });
}

/** Told once: the reporter leaves out what was said before. */
function limited(cause: string): BuildEvent {
  return {
    type: "warning",
    code: "W_WATCH_LIMIT",
    message: `The system does not tell of all changes (${cause}), so all files are looked at twice a second or less often`,
    hint: "On Linux raise fs.inotify.max_user_watches and max_user_instances",
  };
}
