package io.cyphermesh.dashboard;

import com.google.gson.stream.JsonWriter;
import io.cyphermesh.core.view.EventView;
import io.cyphermesh.core.view.IndicatorPage;
import io.cyphermesh.core.view.IndicatorView;
import io.cyphermesh.core.view.RelatedView;
import io.cyphermesh.core.view.Timeline;
import io.cyphermesh.core.view.TopLists;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The JSON of indicators and statistics. */
final class SearchJson {
  private SearchJson() {}

  static void indicators(JsonWriter json, IndicatorPage page, Geo geo) throws IOException {
    json.beginObject();
    json.name("indicators").beginArray();
    for (IndicatorView indicator : page.indicators()) {
      indicator(json, indicator, geo);
    }
    json.endArray();
    next(json, page.next());
    json.name("partial").value(page.partial());
    json.endObject();
  }

  private static void next(JsonWriter json, Optional<String> next) throws IOException {
    json.name("next");
    if (next.isPresent()) {
      json.value(next.get());
    } else {
      json.nullValue();
    }
  }

  private static void indicator(JsonWriter json, IndicatorView indicator, Geo geo)
      throws IOException {
    json.beginObject();
    json.name("value").value(indicator.value());
    json.name("events").value(indicator.events());
    json.name("reporters").value(indicator.reporters());
    json.name("severity").value(indicator.severity().label());
    json.name("types").beginArray();
    for (String type : indicator.types()) {
      json.value(type);
    }
    json.endArray();
    json.name("firstSeen").value(indicator.firstSeen().toString());
    json.name("lastSeen").value(indicator.lastSeen().toString());
    geo.write(json, indicator.value());
    json.endObject();
  }

  static void related(JsonWriter json, RelatedView related, Geo geo) throws IOException {
    json.beginObject();
    json.name("indicator");
    indicator(json, related.indicator(), geo);
    json.name("reporters").beginArray();
    for (RelatedView.Sighting sighting : related.reporters()) {
      json.beginObject();
      json.name("reporterId").value(sighting.reporterId());
      json.name("events").value(sighting.events());
      json.endObject();
    }
    json.endArray();
    json.name("events").beginArray();
    for (EventView event : related.events()) {
      EventJson.write(json, event, geo);
    }
    json.endArray();
    json.endObject();
  }

  static void timeline(JsonWriter json, Timeline timeline) throws IOException {
    json.beginObject();
    json.name("bucketSeconds").value(timeline.bucket().toSeconds());
    json.name("buckets").beginArray();
    for (Timeline.Bucket bucket : timeline.buckets()) {
      json.beginObject();
      json.name("start").value(bucket.start().toString());
      json.name("low").value(bucket.low());
      json.name("medium").value(bucket.medium());
      json.name("high").value(bucket.high());
      json.name("critical").value(bucket.critical());
      json.name("unknown").value(bucket.unknown());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  static void tops(JsonWriter json, TopLists tops) throws IOException {
    json.beginObject();
    json.name("from").value(tops.from().toString());
    json.name("events").value(tops.events());
    json.name("sampled").value(tops.sampled());
    list(json, "sources", tops.sources());
    list(json, "types", tops.types());
    list(json, "reporters", tops.reporters());
    json.endObject();
  }

  private static void list(JsonWriter json, String name, List<TopLists.Top> tops)
      throws IOException {
    json.name(name).beginArray();
    for (TopLists.Top top : tops) {
      json.beginObject();
      json.name("name").value(top.name());
      json.name("events").value(top.events());
      json.endObject();
    }
    json.endArray();
  }
}
