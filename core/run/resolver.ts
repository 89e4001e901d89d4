/**
 * What a script that has a network sees as /etc/resolv.conf: a file of the run's own, mounted read-only wherever the image's leads, so
 * that no trace of it enters the image. Shell text, for any shell. `box`: busybox.
 * `fail`: a command for where that does not work.
 */
import { OUTSIDE } from "./root-script.ts";

/** `root`: where the image is, with the programs outside it. Sets the variables that `unmountResolver` reads. */
export function mountResolver(root: string, file: string, box: string, fail: string): string {
  return `resolver=${root}$(${box} chroot ${root} ${OUTSIDE}/bin/readlink -m /etc/resolv.conf)
resolver_folder=\${resolver%/*} resolver_new= resolver_made=
each=$resolver_folder
while [ ! -d "$each" ]; do resolver_new=$each each=\${each%/*}; done
${box} mkdir -p "$resolver_folder"
[ -e "$resolver" ] || resolver_made=1
[ -z "$resolver_made" ] || : >"$resolver"
${box} mount -o bind ${file} "$resolver" && ${box} mount -o remount,bind,ro "$resolver" || ${fail}
`;
}

/** Fails for scripts that moved it. Folders that were made for it go with it, as far as they are empty. */
export function unmountResolver(box: string, fail: string): string {
  return `${box} umount -l "$resolver" 2>/dev/null || ${fail}
if [ -n "$resolver_made" ]; then
  ${box} rm "$resolver"
  while [ -n "$resolver_new" ] && ${box} rmdir "$resolver_folder" 2>/dev/null; do
    [ "$resolver_folder" != "$resolver_new" ] || resolver_new=
    resolver_folder=\${resolver_folder%/*}
  done
fi
`;
}
