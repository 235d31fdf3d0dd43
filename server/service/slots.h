// Bounds how many calls that take much memory are in hand at once.
#ifndef DIGITS_SERVER_SERVICE_SLOTS_H_
#define DIGITS_SERVER_SERVICE_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace digits {

// A fixed number of slots, given out in the order in which they are asked for. May be used from any
// number of threads at once.
class Slots {
 public:
  class Waiter {
   public:
    virtual ~Waiter() = default;
    // One of these is called once, from any thread. Admitted: it has a slot, which it gives back
    // with Release(). Refused: it will have none.
    virtual void Admitted() = 0;
    virtual void Refused() = 0;

   private:
    friend class Slots;
    uint64_t ticket_ = 0;  // its place among those that wait
  };

  explicit Slots(size_t count) : free_(count) {}

  // Asks for a slot, once: the waiter is told before this returns, or when a slot gets free.
  void Enter(std::shared_ptr<Waiter> waiter);

  // True: it waited and will be told nothing. False: it has been told, or did not wait.
  bool Leave(const Waiter& waiter);

  // How many wait for a slot.
  size_t waiting() const;

  // Refuses those that wait, and from now on those that would have to.
  void Close();

  // Gives a slot back, to the one that has waited longest.
  void Release();

 private:
  mutable std::mutex mutex_;
  size_t free_;  // 0 while somebody waits
  bool closed_ = false;
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, std::shared_ptr<Waiter>> waiting_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_SLOTS_H_
