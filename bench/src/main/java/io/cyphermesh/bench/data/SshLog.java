package io.cyphermesh.bench.data;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The auth.log of a host on the internet: mostly password guessing from a few hundred addresses, as
 * sshd and PAM write it, between log-ins of its own people, cron, sudo and systemd.
 */
final class SshLog {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
  private static final String[] NETWORKS = {"192.0.2.", "198.51.100.", "203.0.113."};
  private static final String[] USERS = {
    "root", "admin", "test", "oracle", "ubuntu", "postgres", "git", "user", "pi", "deploy", "ftp"
  };
  private static final String[] OWN = {"alice", "bob", "carol"};
  private static final String HOST = " web1 ";

  private final RandomGenerator random;
  private LocalDateTime time = LocalDateTime.of(2026, 1, 2, 3, 4, 5);
  private int process = 1000;

  SshLog(RandomGenerator random) {
    this.random = random;
  }

  /** What is logged of one happening: one to five lines. */
  String[] next() {
    time = time.plusNanos(random.nextLong(2_500_000_000L));
    process = 1000 + (process - 999) % 60_000;
    int kind = random.nextInt(100);
    if (kind < 38) {
      return guess();
    } else if (kind < 68) {
      return unknownUser();
    } else if (kind < 76) {
      return aborted();
    } else if (kind < 84) {
      return own();
    } else if (kind < 96) {
      return cron();
    }
    return others();
  }

  private String address() {
    // A few attackers are busier than the rest.
    int host = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1 + random.nextInt(254);
    return NETWORKS[random.nextInt(NETWORKS.length)] + host;
  }

  private int port() {
    return 30_000 + random.nextInt(35_000);
  }

  private String sshd(String message) {
    return STAMP.format(time) + HOST + "sshd[" + process + "]: " + message;
  }

  private String other(String program, String message) {
    return STAMP.format(time) + HOST + program + ": " + message;
  }

  private String[] guess() {
    String ip = address();
    int port = port();
    String user = USERS[random.nextInt(2)];
    return new String[] {
      sshd(
          "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost="
              + ip
              + "  user="
              + user),
      sshd("Failed password for " + user + " from " + ip + " port " + port + " ssh2"),
      sshd("Received disconnect from " + ip + " port " + port + ":11: Bye Bye [preauth]"),
      sshd(
          "Disconnected from authenticating user "
              + user
              + " "
              + ip
              + " port "
              + port
              + " [preauth]")
    };
  }

  private String[] unknownUser() {
    String ip = address();
    int port = port();
    String user = USERS[2 + random.nextInt(USERS.length - 2)] + random.nextInt(30);
    return new String[] {
      sshd("Invalid user " + user + " from " + ip + " port " + port),
      sshd("pam_unix(sshd:auth): check pass; user unknown"),
      sshd(
          "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost="
              + ip),
      sshd("Failed password for invalid user " + user + " from " + ip + " port " + port + " ssh2"),
      sshd("Connection closed by invalid user " + user + " " + ip + " port " + port + " [preauth]")
    };
  }

  private String[] aborted() {
    String ip = address();
    return random.nextBoolean()
        ? new String[] {sshd("Connection closed by " + ip + " port " + port() + " [preauth]")}
        : new String[] {
          sshd("Did not receive identification string from " + ip + " port " + port())
        };
  }

  private String[] own() {
    String user = OWN[random.nextInt(OWN.length)];
    String ip = "10.0.0." + (2 + random.nextInt(20));
    return new String[] {
      sshd(
          "Accepted publickey for "
              + user
              + " from "
              + ip
              + " port "
              + port()
              + " ssh2: ED25519 SHA256:h7UcPmLvB0x1Zk2Jt9qWn3Ys5Rd8Fg4Ae6Xo0Ci2Vb1"),
      sshd("pam_unix(sshd:session): session opened for user " + user + "(uid=1000) by (uid=0)"),
      other("systemd-logind[601]", "New session " + process + " of user " + user + "."),
      sshd("pam_unix(sshd:session): session closed for user " + user)
    };
  }

  private String[] cron() {
    return new String[] {
      other(
          "CRON[" + process + "]",
          "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
      other("CRON[" + process + "]", "pam_unix(cron:session): session closed for user root")
    };
  }

  private String[] others() {
    return new String[] {
      other(
          "sudo",
          "    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl status"),
      other(
          "sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)"),
      other("sudo", "pam_unix(sudo:session): session closed for user root")
    };
  }
}
