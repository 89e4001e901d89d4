/** npm's own rules of what a package's tarball holds; it has no types. */
declare module "npm-packlist" {
  interface Folder {
    readonly path: string;
    readonly package: Readonly<Record<string, unknown>>;
    readonly isProjectRoot: boolean;
    readonly edgesOut: ReadonlyMap<string, unknown>;
  }
  export default function packlist(folder: Folder): Promise<string[]>;
}
