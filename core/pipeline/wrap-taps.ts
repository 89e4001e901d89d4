/**
 * Wraps every tap when it is registered, so that an error says which plugin threw it and in which hook. tapable
 * itself does not tell.
 */
import type { FullTap, HookInterceptor, HookMap } from "tapable";
import type { ErrorCode } from "../error-codes.ts";
import { ImageDslError, messageOf } from "../error.ts";
import { sourcePlace } from "../source-place.ts";

interface Interceptable {
  intercept(interceptor: HookInterceptor<never, never>): void;
}

/** Names a hook and wraps what is tapped from now on. */
export function named<Hook extends Interceptable>(name: string, hook: Hook): Hook {
  hook.intercept({ register: (tap: FullTap) => wrapTap(name, tap) } as HookInterceptor<never, never>);
  return hook;
}

/** The same for each hook of a map; its key is part of the name: `collect for "files"`. */
export function namedMap<Hook extends Interceptable>(name: string, map: HookMap<Hook>): HookMap<Hook> {
  map.intercept({ factory: (key: unknown, hook: Hook) => named(`${name} for "${String(key)}"`, hook) });
  return map;
}

function wrapTap(hook: string, tap: FullTap): FullTap {
  // tapable types a tap's function as `Function`.
  const fn = tap.fn as (...args: unknown[]) => unknown;
  const wrapped = (...args: unknown[]): unknown => {
    let result: unknown;
    try {
      result = fn(...(tap.type === "async" ? withBlamingCallback(hook, tap.name, args) : args));
    } catch (error) {
      throw blame(hook, tap.name, error);
    }
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw blame(hook, tap.name, error);
    });
  };
  return { ...tap, fn: wrapped };
}

/** A tap of the callback kind tells its error to the last argument. */
function withBlamingCallback(hook: string, plugin: string, args: readonly unknown[]): unknown[] {
  const callback = args.at(-1) as (error: unknown, ...results: unknown[]) => void;
  const told: typeof callback = (error, ...results) =>
    callback(error === undefined || error === null ? error : blame(hook, plugin, error), ...results);
  return [...args.slice(0, -1), told];
}

/**
 * What the program itself reports has its own code; anything else is the plugin's fault and gets its name. An outside
 * plugin's own error keeps its code and hint.
 */
export function blame(hook: string, plugin: string, error: unknown): unknown {
  const message = `The plugin "${plugin}" failed in the hook ${hook}: ${messageOf(error)}`;
  if (error instanceof ImageDslError) {
    const { code, hint, place } = error;
    return isOfOutsidePlugin(code) ? new ImageDslError(code, message, { hint, place, cause: error }) : error;
  }
  if (error instanceof Error && error.name === "AbortError") return error;
  return new ImageDslError("E_HOOK", message, {
    hint: `Look into the plugin "${plugin}", or leave it out of plugins; --verbose shows the stack`,
    place: sourcePlace(error),
    cause: error,
  });
}

function isOfOutsidePlugin(code: ErrorCode): boolean {
  return code.startsWith("E_PLUGIN_") && code !== "E_PLUGIN_INVALID";
}
