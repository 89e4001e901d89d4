/**
 * image-dsl's own exports as the running program has them. A config's imports of `image-dsl` must end at these very
 * modules, so that a config needs no image-dsl beside it and a `FileTree` is one class in config, plugin and CLI.
 */

export interface OwnExports {
  /** The folder with image-dsl's package.json. Absolute. */
  readonly packageRoot: string;
  /** As in package.json; part of what stands for the code of config functions. */
  readonly version: string;
  /** By specifier (`image-dsl`, `image-dsl/plugin`, …): the file's URL. */
  readonly urls: ReadonlyMap<string, string>;
}
