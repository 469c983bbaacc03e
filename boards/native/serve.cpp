// Serves a simulated machine's byte link on 127.0.0.1: one connection, then the end.
//
//   board [--port N] [--stats]
//
// Prints "listening 127.0.0.1:PORT" when it may be connected to. Ends when the connection closes,
// when its parent process is gone, or when its standard input is a pipe that closes. While the
// machine is idle and no byte waits, it sleeps in poll().
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "board.h"

namespace {

constexpr size_t RX_BYTES = 1 << 16;
constexpr size_t TX_BYTES = 1 << 16;
constexpr size_t TX_BLOCK = 1 << 12;  // sent at once when this many bytes wait
constexpr int SLICE = 1024;           // cycles between looks at the socket: under 1 ms
constexpr int SEND_CYCLES = 4096;     // fewer bytes than that are sent after this many cycles
constexpr int IDLE_CYCLES = 16;       // bytes in a pipeline's first stage may not show as work yet
constexpr int PARENT_CHECK_MS = 500;

[[noreturn]] void fail(const char *what) {
    std::fprintf(stderr, "error: virtual board: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

// The parent's end, seen without a signal: being adopted changes the parent's id.
class Parent {
  public:
    Parent() {
        struct stat s;
        pipe_ = fstat(0, &s) == 0 && S_ISFIFO(s.st_mode);
    }
    bool gone() const { return getppid() != id_; }
    int fd() const { return pipe_ ? 0 : -1; }  // poll() ignores a negative descriptor

  private:
    const pid_t id_ = getppid();
    bool pipe_ = false;
};

// Sleeps until `fd` is ready for `events`; false when there is nobody left to serve.
bool wait_for(int fd, short events, const Parent &parent) {
    for (;;) {
        pollfd fds[2] = {{fd, events, 0}, {parent.fd(), POLLIN, 0}};
        const int n = poll(fds, 2, PARENT_CHECK_MS);
        if (n < 0 && errno != EINTR) fail("poll");
        if (parent.gone()) return false;
        if (n > 0 && fds[1].revents) {
            char c;
            if (read(0, &c, 1) <= 0) return false;
        }
        if (n > 0 && fds[0].revents) return true;
    }
}

int listen_on(uint16_t port, uint16_t *bound) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    const int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    if (bind(fd, reinterpret_cast<sockaddr *>(&at), sizeof at) < 0) {
        fail("this port can't be used, give another with --port (0: any)");
    }
    if (listen(fd, 1) < 0) fail("listen");
    socklen_t size = sizeof at;
    if (getsockname(fd, reinterpret_cast<sockaddr *>(&at), &size) < 0) fail("getsockname");
    *bound = ntohs(at.sin_port);
    return fd;
}

// Bytes between a non-blocking socket and the machine, both ways, in bounded buffers.
class Wire {
  public:
    explicit Wire(int fd) : fd_(fd) {}

    bool closed() const { return closed_; }
    bool has_byte() const { return rx_at_ < rx_end_; }
    uint8_t byte() const { return rx_[rx_at_]; }
    void take() { ++rx_at_; }
    bool has_room() const { return tx_end_ < TX_BYTES; }
    void put(uint8_t b) { tx_[tx_end_++] = b; }
    size_t unsent() const { return tx_end_ - tx_at_; }

    void receive() {
        if (has_byte()) return;
        rx_at_ = rx_end_ = 0;
        const ssize_t n = recv(fd_, rx_, sizeof rx_, MSG_DONTWAIT);
        if (n > 0) rx_end_ = static_cast<size_t>(n);
        else if (n == 0 || !again()) closed_ = true;
    }

    void send_all() {
        while (unsent() && !closed_) {
            const ssize_t n = send(fd_, tx_ + tx_at_, unsent(), MSG_DONTWAIT);
            if (n < 0 && !again()) closed_ = true;
            if (n < 0) break;
            tx_at_ += static_cast<size_t>(n);
        }
        if (tx_at_ == 0) return;
        std::memmove(tx_, tx_ + tx_at_, unsent());
        tx_end_ -= tx_at_;
        tx_at_ = 0;
    }

  private:
    static bool again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

    const int fd_;
    bool closed_ = false;
    uint8_t rx_[RX_BYTES], tx_[TX_BYTES];
    size_t rx_at_ = 0, rx_end_ = 0, tx_at_ = 0, tx_end_ = 0;
};

// Runs the machine until the connection closes; returns the cycles run.
uint64_t serve(board *b, int fd, const Parent &parent) {
    static Wire wire(fd);
    uint64_t cycles = 0, sent_at = 0;
    int idle = 0;
    while (!wire.closed()) {
        wire.receive();
        for (int n = 0; n < SLICE; ++n) {
            const bool offer = wire.has_byte(), room = wire.has_room();
            const board_outputs out = board_step(
                b, {uint8_t(offer), uint8_t(offer ? wire.byte() : 0), uint8_t(room)});
            ++cycles;
            if (offer && out.rx_ready) wire.take();
            if (room && out.tx_valid) wire.put(out.tx_data);
            idle = out.idle && !offer && !out.tx_valid ? idle + 1 : 0;
            if (!offer && idle >= IDLE_CYCLES) break;
            // An empty buffer is refilled at once: the link's window may allow more.
            if (offer && !wire.has_byte()) break;
        }
        const bool resting = idle >= IDLE_CYCLES;
        if (resting || wire.unsent() >= TX_BLOCK || cycles - sent_at >= SEND_CYCLES) {
            wire.send_all();
            sent_at = cycles;
        }
        if (parent.gone()) break;
        if (resting && !wire.has_byte()) {
            const short events = wire.unsent() ? POLLIN | POLLOUT : POLLIN;
            if (!wait_for(fd, events, parent)) break;
        } else if (!wire.has_room()) {
            if (!wait_for(fd, POLLOUT, parent)) break;
        }
    }
    return cycles;
}

double cpu_seconds() {
    rusage u;
    getrusage(RUSAGE_SELF, &u);
    return double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * double(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

uint16_t port_from(const char *text) {
    char *end;
    const long value = std::strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || value < 0 || value > 65535) {
        std::fprintf(stderr, "error: --port %s is out of range; give 0 to 65535\n", text);
        std::exit(2);
    }
    return static_cast<uint16_t>(value);
}

}  // namespace

int main(int argc, char **argv) {
    const Parent parent;       // first: it remembers who started us
    signal(SIGPIPE, SIG_IGN);  // a send to a closed connection returns an error instead
    uint16_t port = 0;
    bool stats = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--stats") == 0) {
            stats = true;
        } else if (std::strcmp(argv[i], "--port") == 0 && i + 1 < argc) {
            port = port_from(argv[++i]);
        } else {
            std::fprintf(stderr, "error: unknown option %s; usage: board [--port N] [--stats]\n",
                         argv[i]);
            return 2;
        }
    }
    const int listener = listen_on(port, &port);
    std::printf("listening 127.0.0.1:%u\n", unsigned(port));
    std::fflush(stdout);
    if (!wait_for(listener, POLLIN, parent)) return 0;
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) fail("accept");
    close(listener);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

    board *b = board_create();
    const double start = cpu_seconds();
    const uint64_t cycles = serve(b, fd, parent);
    if (stats) {
        std::fprintf(stderr, "{\"simulator\": \"%s\", \"cycles\": %llu, \"cpu_seconds\": %.6f}\n",
                     board_simulator, static_cast<unsigned long long>(cycles),
                     cpu_seconds() - start);
    }
    board_destroy(b);
    close(fd);
    return 0;
}
