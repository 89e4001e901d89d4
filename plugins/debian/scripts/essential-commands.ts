/**
 * The commands that every Debian system has, whatever an image holds: scripts may run them without a dependency. Those
 * of the packages marked essential and of what these depend on, with the names that their alternatives have.
 */
import type { Release } from "./release.ts";

/** Where an essential command is, as PATH leads to it; undefined for any other. */
export function essentialCommand(name: string, release: Release): string | undefined {
  if (isListed(name, COMMANDS, release)) return `/usr/bin/${name}`;
  return isListed(name, ADMINISTRATION, release) ? `/usr/sbin/${name}` : undefined;
}

/** Whether a system without the package may have it all the same. */
export function isOfMinimalSystem(name: string, release: Release): boolean {
  return MINIMAL.has(name) && essentialCommand(name, release) === undefined;
}

function isListed(name: string, { both, only }: Commands, release: Release): boolean {
  return both.has(name) || only[release].has(name);
}

interface Commands {
  readonly both: ReadonlySet<string>;
  readonly only: Readonly<Record<Release, ReadonlySet<string>>>;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

const COMMANDS: Commands = {
  both: words(`
    [ arch awk b2sum base32 base64 basename basenc bash bashbug captoinfo cat chcon chgrp chmod choom chown chrt
    cksum clear clear_console cmp comm cp csplit cut dash date dd deb-systemd-helper deb-systemd-invoke debconf
    debconf-apt-progress debconf-communicate debconf-copydb debconf-escape debconf-set-selections debconf-show df
    diff diff3 dir dircolors dirname dmesg dnsdomainname domainname dpkg dpkg-deb dpkg-divert
    dpkg-maintscript-helper dpkg-query dpkg-realpath dpkg-split dpkg-statoverride dpkg-trigger du echo egrep env
    expand expr factor fallocate false fgrep find findmnt flock fmt fold getconf getent getopt grep groups gunzip
    gzexe gzip hardlink head hostid hostname i386 iconv id infocmp infotocap install ionice ipcmk ipcrm ipcs
    ischroot join ld.so ldd link linux32 linux64 ln locale localedef logger logname ls lsblk lscpu lsipc lslocks
    lslogins lsmem lsns mawk mcookie md5sum mkdir mkfifo mknod mktemp more mountpoint mv namei nawk nice
    nisdomainname nl nohup nproc nsenter numfmt od pager partx paste pathchk perl pidof pinky pldd pr printenv
    printf prlimit ptx pwd rbash readlink realpath rename.ul renice reset rev rgrep rm rmdir run-parts runcon
    savelog script scriptlive scriptreplay sdiff sed seq setarch setpriv setsid setterm sh sha1sum sha224sum
    sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty su sum sync tabs tac tail tar taskset
    tee tempfile test tic timeout toe touch tput tr true truncate tset tsort tty tzselect uclampset uname uncompress
    unexpand uniq unlink unshare update-alternatives users vdir wall wc wdctl whereis which which.debianutils who
    whoami x86_64 xargs yes ypdomainname zcat zcmp zdiff zdump zegrep zfgrep zforce zgrep zless zmore znew`),
  only: {
    bookworm: words(`
      addpart delpart faillog fincore last lastb lastlog login lsfd lsirq md5sum.textutils mesg newgrp resizepart sg
      utmpdump`),
    trixie: words(`
`),
  },
};

const ADMINISTRATION: Commands = {
  both: words(`
    add-shell agetty blkdiscard blkid blkzone blockdev chcpu chmem chroot dpkg-preconfigure dpkg-reconfigure
    faillock findfs fsck fsfreeze fstab-decode fstrim getty iconvconfig installkernel invoke-rc.d isosize killall5
    ldattach ldconfig mkfs mkhomedir_helper mkswap pam-auth-update pam_getenv pam_namespace_helper
    pam_timestamp_check pivot_root pwhistory_helper readprofile remove-shell rmt rmt-tar rtcwake runuser service
    start-stop-daemon sulogin swaplabel switch_root tarcat unix_chkpwd unix_update update-passwd update-rc.d
    update-shells wipefs zic zramctl`),
  only: {
    bookworm: words(`
      ctrlaltdel dpkg-fsys-usrunmess fsck.cramfs fsck.minix hwclock mkfs.bfs mkfs.cramfs mkfs.minix nologin`),
    trixie: words(`
`),
  },
};

/** Those of apt, adduser, passwd, mount and their like: on most systems, and yet a package that needs them must say so. */
const MINIMAL = words(`
  addgroup adduser apt apt-cache apt-cdrom apt-config apt-get apt-key apt-mark badblocks chage chattr chfn chgpasswd
  chpasswd chsh cpgr cppw debugfs delgroup deluser dumpe2fs e2freefrag e2fsck e2image e2label e2mmpstatus e2scrub
  e2scrub_all e2undo e4crypt e4defrag expiry filefrag fsck.ext2 fsck.ext3 fsck.ext4 gpasswd gpgv groupadd groupdel
  groupmems groupmod grpck grpconv grpunconv login logsave losetup lsattr mke2fs mkfs.ext2 mkfs.ext3 mkfs.ext4
  mklost+found mount newgrp newusers nologin passwd pwck pwconv pwunconv resize2fs sg shadowconfig sqv swapoff
  swapon tune2fs umount useradd userdel usermod vigr vipw`);
