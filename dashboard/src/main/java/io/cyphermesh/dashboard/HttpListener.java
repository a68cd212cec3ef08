package io.cyphermesh.dashboard;

import io.cyphermesh.api.HostPort;
import io.jooby.Jooby;
import io.jooby.Server;
import io.jooby.ServerOptions;
import io.jooby.internal.netty.HeadersMultiMap;
import io.jooby.internal.netty.NettyDateService;
import io.jooby.internal.netty.NettyPipeline;
import io.jooby.netty.buffer.NettyDataBufferFactory;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves a Jooby application by Netty on one event loop.
 *
 * <p>Jooby's own {@code NettyServer} has no deadline for slow requests, no bound on connections,
 * never tells the port it got, starts a thread for each of its parts and installs a shutdown hook.
 * This one drives Jooby's pipeline itself and is otherwise the same.
 */
final class HttpListener extends Server.Base {
  private static final int MAX_LINE_BYTES = 4 * 1024;
  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int CHUNK_BYTES = 8 * 1024;
  private static final int MAX_FORM_FIELDS = 1;
  private static final int BACKLOG = 1024;

  /**
   * What the system keeps for a client that does not read; by itself it would be megabytes for each
   * of a thousand. An answer still comes at 5 MB/s over a line of 100 ms.
   */
  private static final int SEND_BUFFER_BYTES = 256 * 1024;

  private final HostPort listen;
  private final ExecutorService worker;
  private final ConnectionLimits limits;
  private final ConnectionGuard.Refusals refusals;
  private final Optional<ServerCertificate> certificate;
  private @Nullable EventLoopGroup loop;
  private @Nullable Channel channel;
  private List<Jooby> applications = List.of();

  /**
   * @param certificate for HTTPS; empty for plain HTTP
   */
  HttpListener(
      HostPort listen,
      ExecutorService worker,
      ConnectionLimits limits,
      ConnectionGuard.Refusals refusals,
      Optional<ServerCertificate> certificate) {
    this.refusals = refusals;
    this.certificate = certificate;
    this.listen = listen;
    this.worker = worker;
    this.limits = limits;
  }

  @Override
  protected ServerOptions defaultOptions() {
    return new ServerOptions().setServer("netty").setPort(listen.port());
  }

  @Override
  public String getName() {
    return "netty";
  }

  /** Use {@link #bind}, which tells why it cannot. */
  @Override
  public Server start(Jooby... served) {
    try {
      bind(served);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * Starts the applications and listens.
   *
   * @throws IOException if it cannot listen; the message says what to do
   */
  void bind(Jooby... served) throws IOException {
    applications = List.of(served);
    // One loop with few short-lived buffers: arenas would hold megabytes for nothing.
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    NettyDataBufferFactory buffers = new NettyDataBufferFactory(allocator);
    applications.forEach(application -> application.setBufferFactory(buffers));
    fireStart(applications, worker);
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("dashboard-http", true), NioIoHandler.newFactory());
    loop = group;
    var headers = HeadersMultiMap.httpHeadersFactory();
    HttpDecoderConfig decoding =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxChunkSize(CHUNK_BYTES)
            .setHeadersFactory(headers)
            .setTrailersFactory(headers);
    NettyPipeline pipeline =
        new NettyPipeline(
            null,
            new NettyDateService(group),
            decoding,
            applications,
            Api.MAX_BODY_BYTES,
            MAX_FORM_FIELDS,
            // Bodies up to this size stay in memory; larger ones would go to temporary files.
            Api.MAX_BODY_BYTES + CHUNK_BYTES,
            true,
            false,
            true,
            null);
    ChannelInitializer<SocketChannel> connection =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel client) {
            if (limits.admit(client)) {
              pipeline.initChannel(client);
              client
                  .pipeline()
                  .addBefore("handler", "guard", new ConnectionGuard(limits, refusals));
              // By ourselves and not by Jooby's pipeline, which would keep the first certificate.
              certificate.ifPresent(
                  tls ->
                      client.pipeline().addFirst("tls", tls.context().newHandler(client.alloc())));
            }
          }
        };
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
            .childHandler(connection)
            .bind(listen.host(), listen.port())
            .awaitUninterruptibly();
    Throwable failure = bound.cause();
    if (failure != null) {
      stop();
      throw refusal(failure);
    }
    channel = bound.channel();
    fireReady(applications);
  }

  /** Where it listens, with the port that was taken for 0. */
  HostPort address() {
    if (channel == null || !(channel.localAddress() instanceof InetSocketAddress local)) {
      throw new IllegalStateException("not listening");
    }
    return new HostPort(listen.host(), local.getPort());
  }

  /** Takes no further connections; those that are there go on. */
  void stopListening() {
    if (channel != null) {
      channel.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
  }

  @Override
  public Server stop() {
    stopListening();
    limits.closeAll();
    fireStop(applications);
    if (loop != null) {
      loop.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
    return this;
  }

  private IOException refusal(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    String why =
        failure instanceof BindException && message.contains("in use")
            ? "port %d on %s is in use: choose another with --dashboard-port"
                .formatted(listen.port(), listen.host())
            : failure instanceof BindException && message.contains("Permission")
                ? "port %d on %s is not allowed: choose one above 1023 with --dashboard-port"
                    .formatted(listen.port(), listen.host())
                : "the dashboard cannot listen on %s: %s".formatted(listen, message);
    return new IOException(why, failure);
  }
}
