package io.cyphermesh.template;

import io.cyphermesh.api.Detection;
import io.cyphermesh.api.Detector;
import io.cyphermesh.api.DetectorContext;
import io.cyphermesh.api.FollowRequest;
import io.cyphermesh.api.Indicator;
import io.cyphermesh.api.IpAddress;
import io.cyphermesh.api.Severity;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reports who asks a web server for paths that only attackers ask for. */
public final class TrapDetector implements Detector {
  private static final Pattern REQUEST =
      Pattern.compile("^([0-9a-fA-F.:]+) \\S+ \\S+ \\[[^]]*\\] \"[A-Z]+ (/\\S*) HTTP/");

  /** The settings, as reference.conf explains them. */
  record Settings(List<String> files, List<String> traps) {}

  @Override
  public void run(DetectorContext context) throws Exception {
    Settings settings = context.config(Settings.class);
    context.follow(
        new FollowRequest(settings.files(), FollowRequest.From.END),
        (line, file) -> {
          Matcher request = REQUEST.matcher(line);
          if (request.find()
              && settings.traps().stream().anyMatch(request.group(2)::startsWith)
              && meansTheSameElsewhere(request.group(1))) {
            context.report(
                Detection.of(new Indicator.Ip(request.group(1)), "web-probe", Severity.LOW)
                    .rule("trap")
                    .technique("T1595.003")
                    .description("Asked for " + request.group(2))
                    .build());
          }
        });
  }

  /** Others have hosts of their own under the addresses of private networks. */
  private static boolean meansTheSameElsewhere(String address) {
    return IpAddress.parse(address).filter(it -> it.notReportable().isEmpty()).isPresent();
  }
}
