package io.cyphermesh.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.SourceSpan;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/**
 * A page in Markdown, as far as tests look at it.
 *
 * @param file where it is
 * @param blocks its code blocks, in order
 * @param links destinations of links and images, in order
 * @param anchors of its headings, as GitHub makes them
 * @param common the mark of blocks that have none of their own: {@code <!-- all: MARK -->}
 */
public record Page(
    Path file,
    List<Block> blocks,
    List<String> links,
    List<String> anchors,
    Optional<String> common) {
  private static final Pattern COMMON = Pattern.compile("(?m)^<!-- all: (.*) -->$");
  private static final Parser PARSER =
      Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build();

  /**
   * A code block.
   *
   * @param line of the page, from 1
   * @param language behind the fence; empty where there is none
   * @param mark the text of the HTML comment directly before it
   * @param caption the code that alone, with a colon, makes up the paragraph before it: a file's
   *     name
   */
  public record Block(
      int line, String language, String text, Optional<String> mark, Optional<String> caption) {}

  /** A block's mark; where it has none, what the page says of all its blocks. */
  public Optional<String> mark(Block block) {
    return block.mark().or(() -> common);
  }

  /** Reads a page. */
  public static Page read(Path file) throws IOException {
    String source = Files.readString(file);
    Node document = PARSER.parse(source);
    List<Block> blocks = new ArrayList<>();
    List<String> links = new ArrayList<>();
    List<String> anchors = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(FencedCodeBlock block) {
            blocks.add(block(block, String.valueOf(block.getInfo()), block.getLiteral()));
          }

          @Override
          public void visit(IndentedCodeBlock block) {
            blocks.add(block(block, "", block.getLiteral()));
          }

          @Override
          public void visit(Link link) {
            links.add(link.getDestination());
            super.visit(link);
          }

          @Override
          public void visit(Image image) {
            links.add(image.getDestination());
            super.visit(image);
          }

          @Override
          public void visit(Heading heading) {
            String anchor = anchor(text(heading));
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
            super.visit(heading);
          }
        });
    Matcher common = COMMON.matcher(source);
    return new Page(
        file,
        List.copyOf(blocks),
        List.copyOf(links),
        List.copyOf(anchors),
        common.find() ? Optional.of(common.group(1)) : Optional.empty());
  }

  /** All pages that are shipped with the program. */
  public static List<Page> all(Path root) throws IOException {
    List<Page> pages = new ArrayList<>();
    for (String name : List.of("README.md", "CHANGELOG.md", "CONTRIBUTING.md")) {
      pages.add(read(root.resolve(name)));
    }
    try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      for (Path file : docs.filter(path -> path.toString().endsWith(".md")).sorted().toList()) {
        pages.add(read(file));
      }
    }
    return pages;
  }

  private static Block block(Node node, String language, String text) {
    Node before = node.getPrevious();
    Optional<String> mark = Optional.empty();
    if (before instanceof HtmlBlock html && html.getLiteral().startsWith("<!--")) {
      mark = Optional.of(html.getLiteral().replaceAll("^<!--|-->$", "").strip());
      before = before.getPrevious();
    }
    Optional<String> caption =
        before instanceof Paragraph paragraph
                && paragraph.getFirstChild() instanceof Code code
                && code.getNext() instanceof Text colon
                && colon.getLiteral().equals(":")
                && colon.getNext() == null
            ? Optional.of(code.getLiteral())
            : Optional.empty();
    List<SourceSpan> spans = node.getSourceSpans();
    return new Block(
        spans.isEmpty() ? 0 : spans.getFirst().getLineIndex() + 1, language, text, mark, caption);
  }

  private static String text(Node node) {
    StringBuilder text = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text part) {
            text.append(part.getLiteral());
          }

          @Override
          public void visit(Code part) {
            text.append(part.getLiteral());
          }

          @Override
          public void visit(SoftLineBreak part) {
            text.append(' ');
          }
        });
    return text.toString();
  }

  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }
}
