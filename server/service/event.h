// What a tag on a completion queue points to.
#ifndef DIGITS_SERVER_SERVICE_EVENT_H_
#define DIGITS_SERVER_SERVICE_EVENT_H_

namespace digits {

class Event {
 public:
  virtual ~Event() = default;
  // On the thread of the queue's loop. `ok` as gRPC gives it with the tag.
  virtual void Happened(bool ok) = 0;
};

// An event that is a method of what owns it: a call has several.
template <typename Owner>
class EventOf final : public Event {
 public:
  EventOf(Owner& owner, void (Owner::*happened)(bool ok)) : owner_(owner), happened_(happened) {}
  void Happened(bool ok) override { (owner_.*happened_)(ok); }

 private:
  Owner& owner_;
  void (Owner::*const happened_)(bool ok);
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_EVENT_H_
