package io.cyphermesh.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cyphermesh.api.Transport;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ServiceTest {
  @Test
  void theTransportIsFoundAsAService() {
    assertThat(ServiceLoader.load(Transport.class))
        .singleElement()
        .isInstanceOf(TcpTransport.class);
  }
}
