/**
 * cosmiconfig loads a package that asks for the home folder, for a search in global folders that we never ask for; where there is
 * no home folder that ends the program before it begins. The bundle has this in its place.
 */
// oxlint-disable-next-line no-default-export -- as the package that it stands for
export default function envPaths(): never {
  throw new Error("Global folders are not searched");
}
