package io.cyphermesh.dashboard;

import io.jooby.Sender;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Watches over one connection: a request must be whole in time, an answer must be read in time, and
 * one request follows the answer to the one before it.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
  private final ConnectionLimits limits;
  private final Refusals refusals;
  private @Nullable Future<?> deadline;
  private boolean requestWhole;
  private boolean answering;
  private boolean keepAlive;
  private boolean head;
  private boolean refused;

  ConnectionGuard(ConnectionLimits limits, Refusals refusals) {
    this.limits = limits;
    this.refusals = refusals;
  }

  /** Is told of requests that are refused by their head, on the thread that must not wait. */
  interface Refusals {

    /**
     * One was.
     *
     * @param from IP address of who sent it
     */
    void refused(String method, String path, String from, Problem problem);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    awaitRequest(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    disarm();
    context.fireChannelInactive();
  }

  /** Whose TLS fails is no fault of ours, and what he sent is nothing to be logged. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof SSLException || cause.getCause() instanceof SSLException) {
      close(context);
    } else {
      context.fireExceptionCaught(cause);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (refused) {
      // The rest of what was refused, until the connection is closed.
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      if (answering) {
        // A second request before the first one's answer: no browser does it, and answers made
        // side by side would come in any order.
        ReferenceCountUtil.release(message);
        close(context);
        return;
      }
      if (request.decoderResult().isFailure()) {
        ReferenceCountUtil.release(message);
        refuse(context, problem(request.decoderResult().cause()));
        return;
      }
      if (HttpUtil.getContentLength(request, 0L) > Api.MAX_BODY_BYTES) {
        Problem problem =
            new Problem(413, "the body is larger than " + Api.MAX_BODY_BYTES / 1024 + " KiB");
        tell(context, request, problem);
        ReferenceCountUtil.release(message);
        refuse(context, problem);
        return;
      }
      answering = true;
      keepAlive = HttpUtil.isKeepAlive(request);
      head = request.method().equals(HttpMethod.HEAD);
    }
    if (message instanceof LastHttpContent) {
      requestWhole = true;
      disarm();
    }
    context.fireChannelRead(message);
    if (requestWhole && !answering) {
      awaitRequest(context);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    int bytes = message instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0;
    if (!limits.reserve(bytes)) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new IOException("too many answers wait to be read"));
      close(context);
      return;
    }
    boolean last = message instanceof LastHttpContent;
    boolean piece = message instanceof HttpContent && !(message instanceof HttpResponse) && !last;
    if (piece && bytes == 0) {
      ReferenceCountUtil.release(message);
      promise.setFailure(new ClosedChannelException());
      close(context);
      return;
    }
    if (message instanceof HttpResponse response) {
      complete(response);
    }
    // Jooby keeps connections that were asked to be closed.
    boolean close = last && !keepAlive;
    if (message instanceof HttpResponse response && !keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    Future<?> patience =
        context
            .executor()
            .schedule(
                () -> close(context), limits.writePatience().toMillis(), TimeUnit.MILLISECONDS);
    // Jooby passes a void promise where it does not care; we do.
    ChannelPromise written = promise.unvoid();
    written.addListener(
        _ -> {
          limits.release(bytes);
          patience.cancel(false);
          if (close) {
            close(context);
          } else if (last) {
            answering = false;
            if (requestWhole) {
              awaitRequest(context);
            }
          }
        });
    var _ = context.write(message, written);
  }

  /**
   * Ends an answer without its end, so that the client sees that something is missing. Jooby has no
   * way to say so; an empty piece, which nobody writes otherwise, means it.
   */
  static void cut(Sender sender) {
    sender.write(new byte[0], (_, _) -> {});
  }

  /** What every answer has, also those that Jooby gives by itself. */
  private void complete(HttpResponse response) {
    HttpHeaders headers = response.headers();
    SecurityHeaders.ALL.forEach(
        (name, value) -> {
          if (!headers.contains(name)) {
            headers.set(name, value);
          }
        });
    headers.remove(HttpHeaderNames.SERVER);
    // Jooby says 0 where it knows no length, but that is the length of what GET would have got.
    if (response.status().equals(HttpResponseStatus.NOT_MODIFIED)
        || (head && headers.contains(HttpHeaderNames.CONTENT_LENGTH, "0", false))) {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
  }

  private void awaitRequest(ChannelHandlerContext context) {
    disarm();
    requestWhole = false;
    if (context.channel().isActive() || !context.channel().isRegistered()) {
      deadline =
          context
              .executor()
              .schedule(
                  () -> close(context), limits.requestPatience().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void close(ChannelHandlerContext context) {
    var _ = context.close();
  }

  private void disarm() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  private static Problem problem(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> new Problem(414, "the address is too long");
      case TooLongHttpHeaderException _ -> new Problem(431, "the headers are too long");
      default -> new Problem(400, "this is not a valid HTTP request");
    };
  }

  private void tell(ChannelHandlerContext context, HttpRequest request, Problem problem) {
    String path = request.uri().split("\\?", 2)[0];
    if (context.channel().remoteAddress() instanceof InetSocketAddress from) {
      refusals.refused(
          request.method().name(),
          path,
          Caller.address(from.getAddress().getHostAddress()),
          problem);
    }
  }

  private void refuse(ChannelHandlerContext context, Problem problem) {
    refused = true;
    Reply.Whole reply = problem.reply("/");
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(reply.status()),
            Unpooled.wrappedBuffer(body));
    SecurityHeaders.ALL.forEach((name, value) -> response.headers().set(name, value));
    response.headers().set("Content-Type", reply.contentType());
    response.headers().set("Content-Length", body.length);
    response.headers().set("Connection", "close");
    // Closing with a body half read would reset the connection, and the client would never see why.
    // What still comes is dropped, until the client has enough or the request's time is over.
    context
        .writeAndFlush(response)
        .addListener(
            _ -> {
              if (context.channel() instanceof DuplexChannel connection) {
                var _ = connection.shutdownOutput();
              } else {
                close(context);
              }
            });
  }
}
