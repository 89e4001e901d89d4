/** From the words of Dockerfiles to those of the image's configuration (OCI image spec, config.md). */
import type { ImageConfig } from "../../core/index.ts";
import type { ParsedImageOptions } from "./options.ts";

/** A field that is not given is absent: the base's stays. */
export function containerConfig(options: ParsedImageOptions): ImageConfig {
  const { env, user, workdir, entrypoint, cmd, expose, volumes, labels, healthcheck, stopSignal } = options;
  const fields = {
    Env: env && Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    User: typeof user === "object" ? user.name : user,
    WorkingDir: workdir,
    Entrypoint: entrypoint,
    Cmd: cmd,
    ExposedPorts: expose && setOf(expose),
    Volumes: volumes && setOf(volumes),
    Labels: labels,
    Healthcheck: healthcheck && healthcheckOf(healthcheck),
    StopSignal: stopSignal,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ImageConfig;
}

function healthcheckOf(asked: NonNullable<ParsedImageOptions["healthcheck"]>): NonNullable<ImageConfig["Healthcheck"]> {
  if (asked === "none") return { Test: ["NONE"] };
  const { cmd, interval, timeout, startPeriod, retries } = asked;
  return {
    Test: typeof cmd === "string" ? ["CMD-SHELL", cmd] : ["CMD", ...cmd],
    ...(interval !== undefined && { Interval: interval }),
    ...(timeout !== undefined && { Timeout: timeout }),
    ...(startPeriod !== undefined && { StartPeriod: startPeriod }),
    ...(retries !== undefined && { Retries: retries }),
  };
}

function setOf(names: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
