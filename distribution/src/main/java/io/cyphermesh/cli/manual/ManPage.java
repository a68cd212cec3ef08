package io.cyphermesh.cli.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * One command's page for {@code man}, in the macros of man(7).
 *
 * @param file its name
 * @param text its source
 */
public record ManPage(String file, String text) {
  private static final int SECTION = 1;

  /** What no option tells. */
  private static final String ENVIRONMENT =
      """
      .SH ENVIRONMENT
      .TP
      .BR CYPHER_DATA_DIR ", " CYPHER_PORT " and others"
      Stand for options of
      .BR cyphermesh\\-run (1),
      which names them.
      .TP
      .B CYPHER_JAVA
      The Java to use, or its folder.
      .TP
      .B JAVA_OPTS
      Further options of the Java virtual machine.
      .TP
      .B NO_COLOR
      Any value switches colours off.
      .SH FILES
      .TP
      .I \\(ti/.cyphermesh
      Everything of a node: its keys, events, settings and plugins.
      .TP
      .I /etc/cyphermesh/cyphermesh.conf
      Settings of the node that the Debian package runs as a service.
      .TP
      .I /var/lib/cyphermesh
      Its data directory.
      """;

  /**
   * The pages of a program and of all its commands.
   *
   * @param program the program
   * @param version of it
   * @param date when it was changed, as the foot of each page says
   */
  public static List<ManPage> all(CommandSpec program, String version, String date) {
    List<ManPage> pages = new ArrayList<>();
    add(pages, program, version, date);
    return pages;
  }

  private static void add(List<ManPage> pages, CommandSpec command, String version, String date) {
    pages.add(of(command, version, date));
    for (CommandSpec each : Commands.visible(command)) {
      add(pages, each, version, date);
    }
  }

  private static ManPage of(CommandSpec command, String version, String date) {
    String name = command.qualifiedName("-");
    StringBuilder page = new StringBuilder();
    page.append(
        ".TH %s %d \"%s\" \"CypherMesh %s\" \"CypherMesh Manual\"\n"
            .formatted(escape(name.toUpperCase(Locale.ROOT)), SECTION, date, escape(version)));
    page.append(".SH NAME\n")
        .append(escape(name))
        .append(" \\- ")
        .append(escape(decapitalised(Commands.summary(command))))
        .append('\n');
    synopsis(page, command);
    page.append(".SH DESCRIPTION\n");
    text(page, Commands.plain(command.usageMessage().description()));
    commands(page, command);
    arguments(page, command);
    exitCodes(page, command.usageMessage().exitCodeList());
    footer(page, Commands.plain(command.usageMessage().footer()));
    if (command.parent() == null) {
      page.append(ENVIRONMENT);
    }
    seeAlso(page, command);
    return new ManPage(name + "." + SECTION, page.toString());
  }

  private static void synopsis(StringBuilder page, CommandSpec command) {
    String name = command.qualifiedName();
    String all = Commands.help(command).synopsis(0).strip().replaceAll("\\s+", " ");
    page.append(".SH SYNOPSIS\n.B ").append(escape(name)).append('\n');
    String rest = all.startsWith(name) ? all.substring(name.length()).strip() : all;
    if (!rest.isEmpty()) {
      line(page, rest);
    }
  }

  private static void commands(StringBuilder page, CommandSpec command) {
    List<CommandSpec> commands = Commands.visible(command);
    if (commands.isEmpty()) {
      return;
    }
    page.append(".SH COMMANDS\n");
    for (CommandSpec each : commands) {
      page.append(".TP\n.B ").append(escape(each.name())).append('\n');
      line(page, Commands.summary(each) + ".");
    }
  }

  private static void arguments(StringBuilder page, CommandSpec command) {
    page.append(".SH OPTIONS\n");
    for (PositionalParamSpec each : command.positionalParameters()) {
      if (!each.hidden()) {
        page.append(".TP\n.I ").append(escape(each.paramLabel())).append('\n');
        line(page, Commands.description(each));
      }
    }
    for (OptionSpec each : Commands.options(command)) {
      page.append(".TP\n.B ").append(escape(String.join(", ", each.names())));
      Optional<String> label = Commands.label(each);
      page.append(label.map(text -> "\\fR=\\fI" + escape(text) + "\\fR").orElse("")).append('\n');
      line(page, Commands.description(each));
    }
  }

  private static void exitCodes(StringBuilder page, Map<String, String> codes) {
    if (codes.isEmpty()) {
      return;
    }
    page.append(".SH EXIT STATUS\n");
    codes.forEach(
        (code, meaning) -> {
          page.append(".TP\n.B ").append(escape(code.strip())).append('\n');
          line(page, meaning);
        });
  }

  private static void footer(StringBuilder page, List<String> lines) {
    if (lines.stream().allMatch(String::isBlank)) {
      return;
    }
    boolean examples = lines.stream().anyMatch(line -> line.startsWith("  "));
    page.append(examples ? ".SH EXAMPLES\n" : ".SH NOTES\n");
    text(page, lines);
  }

  /** Paragraphs; indented lines are shown as they are. */
  private static void text(StringBuilder page, List<String> lines) {
    boolean code = false;
    boolean begun = false;
    boolean gap = false;
    for (String each : lines) {
      boolean nowCode = each.startsWith("  ") && !each.isBlank();
      if (code && !nowCode) {
        page.append(".EE\n.RE\n");
        code = false;
        gap = true;
      }
      if (each.isBlank()) {
        gap = true;
        continue;
      }
      if (begun && gap) {
        page.append(".PP\n");
      }
      if (nowCode && !code) {
        page.append(".RS 4\n.EX\n");
        code = true;
      }
      line(page, nowCode ? each.substring(2) : each);
      begun = true;
      gap = false;
    }
    if (code) {
      page.append(".EE\n.RE\n");
    }
  }

  private static void seeAlso(StringBuilder page, CommandSpec command) {
    List<String> others = new ArrayList<>();
    if (command.parent() != null) {
      others.add(command.parent().qualifiedName("-"));
    }
    Commands.visible(command).forEach(each -> others.add(each.qualifiedName("-")));
    if (others.isEmpty()) {
      return;
    }
    page.append(".SH SEE ALSO\n");
    for (int i = 0; i < others.size(); i++) {
      page.append(".BR ")
          .append(escape(others.get(i)))
          .append(" (%d)%s\n".formatted(SECTION, i < others.size() - 1 ? "," : ""));
    }
  }

  private static String decapitalised(String sentence) {
    return sentence.isEmpty()
        ? sentence
        : sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
  }

  /** A line of text, which must not be taken for a request. */
  private static void line(StringBuilder page, String text) {
    String escaped = escape(text);
    if (escaped.startsWith(".") || escaped.startsWith("\\(aq")) {
      page.append("\\&");
    }
    page.append(escaped).append('\n');
  }

  /** In roff a hyphen is typeset unless it is a minus, and some characters are letters above. */
  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> escaped.append("\\e");
                case '-' -> escaped.append("\\-");
                case '\'' -> escaped.append("\\(aq");
                case '"' -> escaped.append("\\(dq");
                case '`' -> escaped.append("\\(ga");
                case '^' -> escaped.append("\\(ha");
                case '~' -> escaped.append("\\(ti");
                default -> {
                  if (c < 0x80) {
                    escaped.appendCodePoint(c);
                  } else {
                    escaped.append("\\[u%04X]".formatted(c));
                  }
                }
              }
            });
    return escaped.toString();
  }
}
